// What the rules find in a text of manifests.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "lint/lint.h"

namespace gatepost::lint {

// 2026-11-25, the day on which all tests run.
inline constexpr WallTime test_day = std::chrono::sys_days(std::chrono::November / 25 / 2026);

inline LintResult lint_text(std::string_view yaml, Settings settings = {}) {
  static std::deque<LintInput> inputs;  // results point into them
  LintInput& input = inputs.emplace_back();
  input.sources.files.push_back({"test.yaml", std::string(yaml), false});
  LintOptions options;
  options.settings = std::move(settings);
  options.now = test_day;
  auto result = lint(input, options);
  return result ? std::move(*result) : LintResult{};
}

inline std::set<std::string> rules_on(std::string_view yaml, Profile profile = Profile::none) {
  Settings settings;
  settings.profile = profile;
  std::set<std::string> out;
  for (const LintFinding& one : lint_text(yaml, std::move(settings)).findings) out.insert(one.finding.rule);
  return out;
}

// "profile gke" -> gke: of rules that belong to a platform.
inline Profile profile_of(const RuleText& rule) {
  std::string_view words = rule.needs;
  if (!words.starts_with("profile ")) return Profile::none;
  words.remove_prefix(8);
  return profile_named(words.substr(0, words.find_first_of(" ,"))).value_or(Profile::none);
}

}  // namespace gatepost::lint
