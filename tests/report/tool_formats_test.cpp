// Findings in the formats of other tools: escapes, levels, fingerprints.
#include <gtest/gtest.h>

#include "json/parse.h"
#include "report/github.h"
#include "report/gitlab.h"
#include "report/junit.h"
#include "report/sarif.h"

namespace gatepost::report {
namespace {

Report example() {
  Report report;
  report.command = "lint";
  Finding finding;
  finding.rule = "GP1";
  finding.severity = Severity::error;
  finding.file = "a b/hook,1.yaml";
  finding.line = 7;
  finding.column = 3;
  finding.path = "webhooks[0]";
  finding.webhook = "gate.example.com";
  finding.message = "50% of <all>\nlines";
  report.findings.push_back(finding);
  finding.severity = Severity::info;
  report.findings.push_back(finding);
  return report;
}

const ToolRule rules[] = {{"GP0", "other", "why", "fix", Severity::info},
                          {"GP1", "name", "why", "fix", Severity::error}};

json::Value parsed(const std::string& text) {
  auto value = json::parse(text, json::make_arena());
  EXPECT_TRUE(value) << text;
  return value ? *value : json::Value();
}

TEST(Sarif, PointsAtRuleAndPlace) {
  const json::Value document = parsed(render_sarif(example(), rules, "1.2.3"));
  const json::Value& run = (*json::array_at(document, {"runs"}))[0];
  const json::Value& result = (*json::array_at(run, {"results"}))[0];
  EXPECT_EQ(json::string_at(document, {"version"}), "2.1.0");
  EXPECT_EQ(json::int_at(result, {"ruleIndex"}), 1);
  EXPECT_EQ(json::string_at(result, {"level"}), "error");
  const json::Value& location = (*json::array_at(result, {"locations"}))[0];
  EXPECT_EQ(json::string_at(location, {"physicalLocation", "artifactLocation", "uri"}), "a%20b/hook,1.yaml");
  EXPECT_EQ(json::int_at(location, {"physicalLocation", "region", "startColumn"}), 3);
  EXPECT_EQ(json::string_at((*json::array_at(run, {"results"}))[1], {"level"}), "note");
}

TEST(Github, EscapesWhatWouldEndACommand) {
  EXPECT_EQ(render_github(example()).substr(0, 101),
            "::error file=a b/hook%2C1.yaml,line=7,col=3,title=GP1::50%25 of <all>%0Alines [webhook gate.example.c");
}

TEST(Gitlab, HasNoFingerprintTwice) {
  const json::Value document = parsed(render_gitlab(example()));
  const json::Array& entries = document.get_array();
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_NE(json::string_at(entries[0], {"fingerprint"}), json::string_at(entries[1], {"fingerprint"}));
  EXPECT_EQ(json::string_at(entries[0], {"severity"}), "critical");
  EXPECT_EQ(json::int_at(entries[0], {"location", "lines", "begin"}), 7);
}

TEST(Junit, CountsFailuresAndEscapes) {
  const std::string text = render_junit(example());
  EXPECT_NE(text.find("tests=\"2\" failures=\"1\""), std::string::npos) << text;
  EXPECT_NE(text.find("50% of &lt;all&gt;"), std::string::npos) << text;
  EXPECT_NE(render_junit({.command = "lint", .summary = {}, .findings = {}}).find("no findings"), std::string::npos);
}

}  // namespace
}  // namespace gatepost::report
