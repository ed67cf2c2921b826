// Repairs: bytes around them stay, and what was repaired is found no more.
#include "lint/fix.h"

#include <gtest/gtest.h>

#include "lint/rules_on.h"

namespace gatepost::lint {
namespace {

std::string fixed(const std::string& text) {
  static std::deque<LintInput> inputs;
  LintInput& input = inputs.emplace_back();
  input.sources.files.push_back({"test.yaml", text, false});
  LintOptions options;
  options.now = test_day;
  options.plan_fixes = true;
  auto result = lint(input, options);
  if (!result || result->edits.empty()) return text;
  return spliced(text, result->edits[0].edits);
}

struct Row {
  const char* what;
  std::string before, after;
};

TEST(Fix, WritesWhatIsMeantAndNothingElse) {
  const Row rows[] = {
      {"block style, with comments",
       R"(# head
kind: ValidatingWebhookConfiguration
apiVersion: admissionregistration.k8s.io/v1
metadata: {name: gate}
webhooks:
- name: gate.example.com # the name
  timeoutSeconds: 30 # long
  failurePolicy: Ignore
  matchPolicy: "Exact"
  rules: # what
  - {apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments], scope: Namespaced}
  namespaceSelector:
    matchLabels: {a: b}
# tail
)",
       R"(# head
kind: ValidatingWebhookConfiguration
apiVersion: admissionregistration.k8s.io/v1
metadata: {name: gate}
webhooks:
- name: gate.example.com # the name
  timeoutSeconds: 10 # long
  failurePolicy: Ignore
  matchPolicy: "Equivalent"
  rules: # what
  - {apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments], scope: Namespaced}
  namespaceSelector:
    matchLabels: {a: b}
# tail
)"},
      {"fields and exclusions that are missing",
       R"(apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata:
  name: gate
webhooks:
  - name: gate.example.com
    clientConfig:
      service: {namespace: gate, name: gate}
    rules:
      - apiGroups: [""]
        apiVersions: [v1]
        operations: [CREATE]
        resources: [pods]
)",
       R"(apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata:
  name: gate
webhooks:
  - name: gate.example.com
    timeoutSeconds: 10
    failurePolicy: Fail
    namespaceSelector:
      matchExpressions:
      - key: kubernetes.io/metadata.name
        operator: NotIn
        values: [gate, kube-system]
    clientConfig:
      service: {namespace: gate, name: gate}
    rules:
      - apiGroups: [""]
        scope: Namespaced
        apiVersions: [v1]
        operations: [CREATE]
        resources: [pods]
)"},
      {"a list of exclusions that is too short",
       R"(apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: gate}
webhooks:
- name: gate.example.com
  failurePolicy: Fail
  timeoutSeconds: 5
  rules:
  - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods], scope: Namespaced}
  namespaceSelector:
    matchExpressions:
    - key: kubernetes.io/metadata.name
      operator: NotIn
      values:
      - default # ours
)",
       R"(apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: gate}
webhooks:
- name: gate.example.com
  failurePolicy: Fail
  timeoutSeconds: 5
  rules:
  - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods], scope: Namespaced}
  namespaceSelector:
    matchExpressions:
    - key: kubernetes.io/metadata.name
      operator: NotIn
      values:
      - default # ours
      - kube-system
)"},
      {"JSON",
       R"({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
 "metadata": {"name": "gate"}, "webhooks": [{"name": "gate.example.com", "failurePolicy": "Fail", "rules": [
  {"apiGroups": ["apps"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["deployments"], "scope": "Namespaced"}],
  "namespaceSelector": {"matchLabels": {"a": "b"}}
 }]})",
       R"({"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
 "metadata": {"name": "gate"}, "webhooks": [{"name": "gate.example.com", "failurePolicy": "Fail", "rules": [
  {"apiGroups": ["apps"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["deployments"], "scope": "Namespaced"}],
  "namespaceSelector": {"matchLabels": {"a": "b"}}, "timeoutSeconds": 10
 }]})"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(fixed(row.before), row.after) << row.what;
    EXPECT_EQ(fixed(row.after), row.after) << row.what << ": twice";
  }
}

TEST(Fix, LeavesAloneWhatAnAliasStandsFor) {
  const std::string text = R"(apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: gate}
webhooks:
- &first
  name: gate.example.com
  timeoutSeconds: 30
  failurePolicy: Fail
  rules: []
- *first
)";
  EXPECT_NE(fixed(text).find("timeoutSeconds: 10"), std::string::npos);
}

TEST(Diff, ShowsHunks) {
  const SourceFile file{"a.yaml", "a\nb\nc\nd\ne\nf\ng\n", false};
  EXPECT_EQ(unified_diff(file, {{2, 3, "B"}, {12, 12, "new\n"}}),
            "--- a.yaml\n+++ a.yaml\n@@ -1,7 +1,8 @@\n a\n-b\n+B\n c\n d\n e\n f\n+new\n g\n");
}

}  // namespace
}  // namespace gatepost::lint
