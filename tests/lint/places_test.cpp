// Places: file, line, column and path of the very field, whatever the document around it.
#include <gtest/gtest.h>

#include "lint/rules_on.h"

namespace gatepost::lint {
namespace {

struct Row {
  const char* what;
  std::string text;
  std::int64_t line, column;
  std::string path;
};

TEST(Places, PointAtTheField) {
  const Row rows[] = {
      {"a field of the first document", R"(apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: gate}
webhooks:
- name: gate.example.com
  timeoutSeconds: 30
)",
       6, 3, "webhooks[0].timeoutSeconds"},
      {"a second document behind a comment", R"(# nothing
---
kind: ConfigMap
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
webhooks:
- name: a
- timeoutSeconds: 30
  name: b
)",
       9, 3, "webhooks[1].timeoutSeconds"},
      {"an item of a List", R"(apiVersion: v1
kind: List
items:
- kind: ConfigMap
- apiVersion: admissionregistration.k8s.io/v1
  kind: ValidatingWebhookConfiguration
  webhooks:
  - {name: a, timeoutSeconds: 30}
)",
       8, 15, "items[1].webhooks[0].timeoutSeconds"},
      {"JSON", "{\"kind\":\"ValidatingWebhookConfiguration\",\n\t\"webhooks\":[{\"timeoutSeconds\":30}]}", 2, 15,
       "webhooks[0].timeoutSeconds"},
      {"a byte order mark",
       "\xef\xbb\xbf"
       R"(kind: ValidatingWebhookConfiguration
webhooks:
- timeoutSeconds: 30
)",
       3, 3, "webhooks[0].timeoutSeconds"},
      {"letters of several bytes before it", R"(kind: ValidatingWebhookConfiguration
webhooks: [{name: "äöü", timeoutSeconds: 30}]
)",
       2, 26, "webhooks[0].timeoutSeconds"},
      {"a merged mapping", R"(kind: ValidatingWebhookConfiguration
x: &usual {timeoutSeconds: 30}
webhooks:
- <<: *usual
  name: a
)",
       4, 3, "webhooks[0].timeoutSeconds"},
  };
  for (const Row& row : rows) {
    const LintResult result = lint_text(row.text);
    EXPECT_TRUE(result.problems.empty()) << row.what;
    bool found = false;
    for (const LintFinding& one : result.findings) {
      if (one.finding.rule != "GP202") continue;
      found = true;
      EXPECT_EQ(one.finding.line, row.line) << row.what;
      EXPECT_EQ(one.finding.column, row.column) << row.what;
      EXPECT_EQ(one.finding.path, row.path) << row.what;
    }
    EXPECT_TRUE(found) << row.what;
  }
}

struct BrokenRow {
  const char* what;
  std::string text;
  std::uint32_t line, column;
};

TEST(BrokenInput, IsToldWithItsPlaceAndTheRestIsRead) {
  std::string deep = "kind: ConfigMap\na: ";
  for (int i = 0; i < 300; ++i) deep += '[';
  std::string bomb = "kind: ConfigMap\na: &a [x,x,x,x,x,x,x,x,x]\n";
  for (char c = 'b'; c < 'k'; ++c)
    bomb += std::string(1, c) + ": &" + c + " [*" + std::string(1, static_cast<char>(c - 1)) + ",*" +
            std::string(1, static_cast<char>(c - 1)) + ",*" + std::string(1, static_cast<char>(c - 1)) + ",*" +
            std::string(1, static_cast<char>(c - 1)) + ",*" + std::string(1, static_cast<char>(c - 1)) + "]\n";
  const BrokenRow rows[] = {{"a bracket that is not closed", "kind: Pod\nspec: [a\nb: c\n", 3, 2},
                            {"a tab", "kind: Pod\nspec:\n\ta: b\n", 3, 1},
                            {"bytes that are no UTF-8", "kind: Pod\na: \xff\n", 2, 4},
                            {"an unknown anchor", "kind: Pod\na: *nobody\n", 2, 4},
                            {"too deep", deep, 2, 203},
                            {"an alias bomb", bomb, 1, 1}};
  for (const BrokenRow& row : rows) {
    const LintResult result =
        lint_text(row.text + "\n---\nkind: ValidatingWebhookConfiguration\nwebhooks: [{timeoutSeconds: 30}]\n");
    ASSERT_EQ(result.problems.size(), 1u) << row.what;
    EXPECT_EQ(result.problems[0].line, row.line) << row.what << ": " << result.problems[0].line_text();
    EXPECT_EQ(result.problems[0].column, row.column) << row.what << ": " << result.problems[0].line_text();
    EXPECT_FALSE(result.findings.empty()) << row.what;
  }
}

TEST(NestedDeeply, IsRead) {
  std::string text = "kind: ConfigMap\na: ";
  for (int i = 0; i < 100; ++i) text += "{b: ";
  text += "1";
  for (int i = 0; i < 100; ++i) text += '}';
  EXPECT_TRUE(lint_text(text).problems.empty());
}

}  // namespace
}  // namespace gatepost::lint
