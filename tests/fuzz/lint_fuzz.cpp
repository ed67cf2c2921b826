// Manifests of any bytes: every rule looks at them, every place lies in the text, and repairs leave text that is read
// again; selectors, PromQL expressions and settings of any bytes beside.
#include <cstdint>
#include <string>

#include "lint/alerts.h"
#include "lint/condition_risk.h"
#include "lint/lint.h"

using namespace gatepost;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  lint::LintInput input;
  input.sources.files.push_back({"fuzz.yaml", text, false});
  lint::LintOptions options;
  options.now = WallTime(std::chrono::sys_days(std::chrono::November / 25 / 2026));
  options.plan_fixes = true;
  auto result = lint::lint(input, options);
  if (!result) __builtin_trap();
  for (const lint::LintFinding& one : result->findings)
    if (one.place.begin > size || one.place.end > size || one.finding.rule.empty()) __builtin_trap();
  for (const lint::FileEdits& one : result->edits)
    if (lint::spliced(text, one.edits).empty()) __builtin_trap();
  (void)lint::read_recordings(text);
  (void)lint::metric_uses(text);
  (void)lint::risky_accesses({text}, {true, true});
  (void)lint::read_settings(text);
  return 0;
}
