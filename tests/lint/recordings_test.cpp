// Patches in an audit log, and what is to be said of them.
#include "lint/recordings.h"

#include <gtest/gtest.h>

#include "lint/rules_on.h"

namespace gatepost::lint {
namespace {

std::string event(const std::string& patch, const std::string& resource = "deployments") {
  std::string quoted =
      R"({"configuration":"gate","webhook":"gate.example.com","patch":)" + patch + R"(,"patchType":"JSONPatch"})";
  for (std::size_t at = 0; (at = quoted.find('"', at)) != std::string::npos; at += 2) quoted.insert(at, "\\");
  return R"({"kind":"Event","stage":"ResponseComplete","objectRef":{"resource":")" + resource +
         R"(","namespace":"a","name":"web","apiGroup":"apps"},"annotations":{"patch.webhook.admission.k8s.io/round_0_index_0":")" +
         quoted + "\"}}\n";
}

std::set<std::string> rules_of(const std::string& log) {
  static std::deque<LintInput> inputs;
  LintInput& input = inputs.emplace_back();
  input.audit_log = {"audit.log", log, false};
  input.observed.patches = read_recordings(input.audit_log.text);
  input.observed.patches_file = &input.audit_log;
  LintOptions options;
  options.now = test_day;
  std::set<std::string> out;
  auto result = lint(input, options);
  for (const LintFinding& one : result->findings) {
    EXPECT_EQ(one.finding.file, "audit.log");
    EXPECT_GT(one.finding.line.value_or(0), 0);
    out.insert(one.finding.rule);
  }
  return out;
}

struct Row {
  const char* what;
  std::string log;
  std::set<std::string> rules;
};

TEST(Recordings, AreJudged) {
  const std::string add = R"([{"op":"add","path":"/metadata/annotations/a","value":"b"}])";
  const Row rows[] = {
      {"a field that is added", event(add), {}},
      {"a list that is replaced",
       event(R"([{"op":"replace","path":"/spec/template/spec/containers","value":[{}]}])"),
       {"GP907"}},
      {"an element of a list", event(R"([{"op":"add","path":"/spec/template/spec/containers/-","value":{}}])"), {}},
      {"labels that a selector uses",
       event(R"([{"op":"add","path":"/spec/template/metadata/labels/app","value":"x"}])"),
       {"GP907"}},
      {"twice the same", event(add) + event(add), {}},
      {"three times the same", event(add) + event(add) + event(add), {"GP908"}},
      {"lines that are no events", "patch.webhook.admission.k8s.io/ {\n\n" + event("3") + "{}\n", {}},
  };
  for (const Row& row : rows) EXPECT_EQ(rules_of(row.log), row.rules) << row.what;
}

}  // namespace
}  // namespace gatepost::lint
