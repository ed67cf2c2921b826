// The rules' texts (data/lint/*.rules): what `gatepost lint --list` and `--explain` print, and what findings say of how
// to fix them. One entry a rule, in the order of ids.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/finding.h"

namespace gatepost::lint {

struct RuleText {
  std::string_view id, name;
  // "error", "error if Fail", "error if Fail, else warning", "error if mutating, else warning", "warning, error if
  // Fail"; words behind a semicolon tell people more: "warning; >= 30 s: error".
  std::string_view severity;
  std::string_view needs;  // "manifests", "cluster", "profile", ...; a rule that is left out: "not checked: why"
  std::string_view why, fix;
  std::string bad, good;  // YAML

  bool is_left_out() const { return needs.starts_with("not checked"); }
};

const std::vector<RuleText>& catalogue();
const RuleText* find_rule(std::string_view id);

// The severity of a finding about a webhook that fails closed, and mutates, or not; nothing where the rule then has
// nothing to say.
struct About {
  bool fails_closed = false, mutating = false;
};
std::optional<report::Severity> severity_of(const RuleText& rule, const About& about);

// One page for `--explain`, one line a rule for `--list`.
std::string explain_page(const RuleText& rule);
std::string list_text();

// Rules for programs: {"schema", "command", "rules": [{"id", "name", "severity", "needs", "why", "fix", "bad",
// "good"}]}.
std::string rules_json(const std::vector<const RuleText*>& rules);

}  // namespace gatepost::lint
