// What is accepted: exemptions, annotations, baselines.
#include <gtest/gtest.h>

#include "lint/rules_on.h"
#include "report/json.h"

namespace gatepost::lint {
namespace {

constexpr std::string_view manifest = R"(apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata:
  name: gate
  annotations: {ANNOTATION}
webhooks:
- name: gate.example.com
  timeoutSeconds: 30
)";

std::string with(std::string_view annotation) {
  std::string out(manifest);
  return out.replace(out.find("{ANNOTATION}"), 12, "{" + std::string(annotation) + "}");
}

bool finds(const LintResult& result, std::string_view rule) {
  return std::any_of(result.findings.begin(), result.findings.end(),
                     [&](const LintFinding& one) { return one.finding.rule == rule; });
}

struct AnnotationRow {
  std::string_view annotation;
  bool found;
};

TEST(Annotation, NeedsAReason) {
  const AnnotationRow rows[] = {
      {"gatepost.dev/ignore: GP202", true},
      {"gatepost.dev/ignore: 'GP202: the backend is slow'", false},
      {"gatepost.dev/ignore: 'GP201, GP202', gatepost.dev/ignore-reason: slow", false},
      {"gatepost.dev/ignore: 'GP201: another one'", true},
      {"gatepost.dev/ignore: 'GP202:  '", true},
  };
  for (const AnnotationRow& row : rows)
    EXPECT_EQ(finds(lint_text(with(row.annotation)), "GP202"), row.found) << row.annotation;
}

TEST(Exemption, HoldsUntilItsDay) {
  for (const auto& [until, found] : {std::pair("2026-11-25", false), std::pair("2026-11-24", true)}) {
    auto settings = read_settings(
        std::string("exemptions:\n- {rules: [GP202], configuration: gate, reason: slow, until: ") + until + "}\n");
    ASSERT_TRUE(settings) << settings.error().text;
    const LintResult result = lint_text(with(""), std::move(*settings));
    EXPECT_EQ(finds(result, "GP202"), found) << until;
    EXPECT_EQ(result.notes.size(), found ? 1u : 0u) << until;
  }
}

struct SettingsRow {
  std::string_view yaml, complaint;  // empty: none
};

TEST(Settings, AreReadAndChecked) {
  const SettingsRow rows[] = {
      {"", ""},
      {"profile: gke\ndisable: [GP901]\nseverity: {GP202: info}\nthresholds: {timeoutWarningSeconds: 5}\n", ""},
      {"profile: mars", "profile: is to be"},
      {"disable: [GP999]", "there is no rule GP999"},
      {"severity: {GP202: fatal}", "severity.GP202"},
      {"thresholds: {timeouts: 5}", "thresholds.timeouts"},
      {"exemptions: [{rules: [GP202], until: 2027-01-01}]", "exemptions[0].reason"},
      {"exemptions: [{rules: [GP202], reason: x}]", "exemptions[0].until"},
      {"exemptions: [{rules: [GP202], reason: x, until: 2027-02-30}]", "exemptions[0].until"},
      {"rules: {}", "rules: is no setting"},
      {"a: [", "did not find"},
  };
  for (const SettingsRow& row : rows) {
    auto settings = read_settings(row.yaml);
    EXPECT_EQ(settings.has_value(), row.complaint.empty()) << row.yaml;
    if (!settings) EXPECT_NE(settings.error().text.find(row.complaint), std::string::npos) << settings.error().text;
  }
}

TEST(Settings, SetSeverityAndThresholds) {
  auto settings = read_settings("severity: {GP202: info}\nthresholds: {timeoutErrorSeconds: 31}\n");
  ASSERT_TRUE(settings);
  for (const LintFinding& one : lint_text(with(""), std::move(*settings)).findings)
    if (one.finding.rule == "GP202") EXPECT_EQ(one.finding.severity, report::Severity::info);
}

TEST(Baseline, TakesOutWhatItKnowsWhateverTheLine) {
  const std::string baseline = report::render_json(lint_text(with("")).report());
  LintInput input;
  input.sources.files.push_back({"test.yaml", "# moved\n\n" + with("") + "- name: new\n", false});
  LintOptions options;
  options.now = test_day;
  options.baseline = baseline;
  auto result = lint(input, options);
  ASSERT_TRUE(result);
  EXPECT_GT(result->in_baseline, 3u);
  for (const LintFinding& one : result->findings) EXPECT_NE(one.finding.webhook, "gate.example.com");
  EXPECT_FALSE(result->findings.empty());
  options.baseline = "{}";
  EXPECT_FALSE(lint(input, options));
}

}  // namespace
}  // namespace gatepost::lint
