// Each rule against the catalogue's own examples: it fires on the bad one and is quiet on the good one.
#include <algorithm>
#include <gtest/gtest.h>

#include "lint/catalogue.h"
#include "lint/rules_on.h"

namespace gatepost::lint {
namespace {

TEST(Catalogue, IsWhole) {
  EXPECT_EQ(catalogue().size(), 127u);
  for (const RuleText& rule : catalogue()) {
    EXPECT_FALSE(rule.name.empty()) << rule.id;
    EXPECT_FALSE(rule.severity.empty()) << rule.id;
    EXPECT_FALSE(rule.why.empty()) << rule.id;
    EXPECT_FALSE(rule.fix.empty()) << rule.id;
    if (rule.needs == "manifests") {
      EXPECT_FALSE(rule.bad.empty()) << rule.id;
      EXPECT_FALSE(rule.good.empty()) << rule.id;
    }
  }
}

TEST(Catalogue, EveryRuleIsCheckedOrSaysWhyNot) {
  const std::vector<Rule> rules = all_rules();
  for (const RuleText& text : catalogue()) {
    const bool checked = std::any_of(rules.begin(), rules.end(), [&](const Rule& rule) { return rule.id == text.id; });
    EXPECT_NE(checked, text.is_left_out()) << text.id;
  }
}

TEST(Examples, BadOnesAreFoundAndGoodOnesAreNot) {
  for (const RuleText& rule : catalogue()) {
    if (!rule.bad.empty()) EXPECT_TRUE(rules_on(rule.bad, profile_of(rule)).contains(std::string(rule.id))) << rule.id;
    if (!rule.good.empty())
      EXPECT_FALSE(rules_on(rule.good, profile_of(rule)).contains(std::string(rule.id))) << rule.id;
  }
}

struct SeverityRow {
  std::string_view text;
  About about;
  std::optional<report::Severity> severity;
};

TEST(Catalogue, SeverityDependsOnThePolicy) {
  using enum report::Severity;
  const SeverityRow rows[] = {{"error", {}, error},
                              {"error if Fail", {true, false}, error},
                              {"error if Fail", {false, false}, std::nullopt},
                              {"error if Fail, else warning", {true, false}, error},
                              {"error if Fail, else warning", {false, true}, warning},
                              {"error if mutating, else warning", {false, true}, error},
                              {"error if mutating, else warning", {true, false}, warning},
                              {"warning, error if Fail", {true, false}, error},
                              {"warning, error if Fail", {false, false}, warning},
                              {"warning; less than 7 days: error", {}, warning},
                              {"info", {true, true}, info}};
  for (const SeverityRow& row : rows) {
    RuleText rule;
    rule.severity = row.text;
    EXPECT_EQ(severity_of(rule, row.about), row.severity) << row.text;
  }
}

}  // namespace
}  // namespace gatepost::lint
