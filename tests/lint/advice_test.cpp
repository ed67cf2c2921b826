// Which policy fits a webhook, by what it is there for.
#include "lint/advice.h"

#include <gtest/gtest.h>

#include "lint/rules_on.h"

namespace gatepost::lint {
namespace {

struct Row {
  const char* what;
  const char* kind;
  const char* rule;
  Purpose purpose;
  const char* policy;
};

TEST(Advice, FollowsFromWhatTheWebhookGuards) {
  const Row rows[] = {
      {"a sidecar injector", "Mutating", "apiGroups: [''], resources: [pods]", Purpose::injector, "Ignore"},
      {"defaults", "Mutating", "apiGroups: [apps], resources: [deployments]", Purpose::defaulter, "Ignore"},
      {"a policy", "Validating", "apiGroups: [''], resources: [pods]", Purpose::enforcer, "Fail"},
      {"a policy on everything", "Validating", "apiGroups: ['*'], resources: ['*']", Purpose::enforcer, "Fail"},
      {"an operator's own kind", "Validating", "apiGroups: [example.com], resources: [gates]", Purpose::own_kind,
       "Fail"},
      {"nodes", "Validating", "apiGroups: [''], resources: [nodes]", Purpose::lifeline, "Ignore"},
  };
  for (const Row& row : rows) {
    const std::deque<SourceFile> files = {
        {"a.yaml",
         std::string("apiVersion: admissionregistration.k8s.io/v1\nkind: ") + row.kind +
             "WebhookConfiguration\nmetadata: {name: gate}\nwebhooks:\n- {name: a.b.c, rules: [{" + row.rule +
             ", apiVersions: [v1], operations: [CREATE, UPDATE]}]}\n",
         false}};
    const Model model(read_manifests(files, 1), files, Origin::files, {}, test_day);
    ASSERT_EQ(model.webhooks().size(), 1u) << row.what;
    EXPECT_EQ(purpose_of(model, model.webhooks()[0]), row.purpose) << row.what;
    const auto advice = advise(model);
    EXPECT_EQ(advice[0].policy, row.policy) << row.what;
    EXPECT_FALSE(advice[0].without_backend.empty()) << row.what;
    EXPECT_NE(to_text(advice[0]).find("with Ignore"), std::string::npos) << row.what;
  }
}

}  // namespace
}  // namespace gatepost::lint
