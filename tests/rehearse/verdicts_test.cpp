// Verdicts: what becomes of a webhook when its backend is down, by its policy and by what it matches.
#include <gtest/gtest.h>

#include "net/loop.h"
#include "rehearse/rehearse.h"
#include "report/json.h"

namespace gatepost::rehearse {
namespace {

std::string backend(const std::string& name, const std::string& ns, const std::string& replicas = "2") {
  return "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: " + ns + "}\n---\napiVersion: v1\nkind: Service\n" +
         "metadata: {name: " + name + ", namespace: " + ns + "}\nspec: {selector: {app: " + name +
         "}, ports: [{port: 443, targetPort: 8443}]}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: " +
         name + ", namespace: " + ns + "}\nspec:\n  replicas: " + replicas +
         "\n  selector: {matchLabels: {app: " + name + "}}\n  template:\n    metadata: {labels: {app: " + name +
         "}}\n    spec: {containers: [{name: c, image: i}]}\n";
}

std::string webhook(const std::string& name, const std::string& service, const std::string& ns,
                    const std::string& more = "", const std::string& resources = "pods", const std::string& groups = "",
                    const std::string& operations = "CREATE") {
  return "---\napiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {name: " +
         name + "}\nwebhooks:\n- name: " + name +
         ".example.com\n  sideEffects: None\n  admissionReviewVersions: [v1]\n  clientConfig: {service: {name: " +
         service + ", namespace: " + ns + "}}\n  rules: [{apiGroups: ['" + groups +
         "'], apiVersions: ['*'], operations: [" + operations + "], resources: ['" + resources + "']}]\n" + more;
}

Rehearsal run(const std::string& manifests, std::vector<std::string> scenarios, std::uint64_t seed = 1) {
  Input input;
  input.taken = *parse_rfc3339("2026-01-01T00:00:00Z");
  auto registry = kube::Registry::builtin();
  auto read = read_text("test.yaml", manifests, *registry, input);
  EXPECT_TRUE(read) << (read ? "" : read.error().text);
  RehearseOptions options;
  options.scenarios = std::move(scenarios);
  options.seed = seed;
  net::Loop loop;
  auto done = loop.run(rehearse(std::move(input), std::move(options)));
  EXPECT_TRUE(done) << (done ? "" : done.error().text);
  return done ? std::move(*done) : Rehearsal{};
}

std::string verdict(const Rehearsal& rehearsal, const std::string& webhook_name, const std::string& scenario) {
  for (const Act& act : rehearsal.acts)
    if (act.scenario.name == scenario)
      for (const WebhookResult& result : act.played.results)
        if (rehearsal.world.webhooks[result.webhook].name == webhook_name + ".example.com")
          return std::string(to_string(result.verdict));
  return "none";
}

constexpr const char* excluded =
    "  namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [guard]}]}\n";

struct Row {
  const char* name;
  std::string hook;
  const char* scenario;
  const char* verdict;
};

TEST(Verdicts, OfOneWebhook) {
  const std::string own = webhook("w", "guard", "guard"),
                    open = webhook("w", "guard", "guard", "  failurePolicy: Ignore\n");
  const std::string aside = webhook("w", "guard", "guard", excluded);
  const Row rows[] = {
      {"own pods, outage", own, "outage-of-all-replicas", "wedged"},
      {"own pods, restart", own, "whole-cluster-restart", "wedged"},
      {"own pods, rollout", own, "rollout", "recovers"},
      {"own pods, slow", own, "slow", "recovers-after"},
      {"own pods, scaled to zero", own, "scale-from-zero", "wedged"},
      {"excluded, outage", aside, "outage-of-all-replicas", "recovers"},
      {"excluded, restart", aside, "whole-cluster-restart", "recovers"},
      {"excluded, refusing", aside, "refusing", "recovers-after"},
      {"excluded, namespace deleted", aside, "namespace-deletion", "recovers-after"},
      {"Ignore, outage", open, "outage-of-all-replicas", "degraded"},
      {"Ignore, restart", open, "whole-cluster-restart", "degraded"},
      {"Ignore, expired", open, "expired-certificate", "degraded"},
      {"other resource", webhook("w", "guard", "guard", "", "configmaps"), "outage-of-all-replicas", "recovers"},
      {"pods by object selector", webhook("w", "guard", "guard", "  objectSelector: {matchLabels: {team: x}}\n"),
       "outage-of-all-replicas", "recovers"},
      {"own slices", webhook("w", "guard", "guard", "", "endpointslices", "discovery.k8s.io", "CREATE, UPDATE"),
       "outage-of-all-replicas", "wedged"},
      {"own bindings", webhook("w", "guard", "guard", "", "pods/binding"), "outage-of-all-replicas", "wedged"},
      {"own pods' status", webhook("w", "guard", "guard", "", "pods/status", "", "UPDATE"), "outage-of-all-replicas",
       "wedged"},
      {"by a match condition",
       webhook("w", "guard", "guard",
               "  matchConditions: [{name: own, expression: \"!request.userInfo.username."
               "startsWith('system:serviceaccount:kube-system:')\"}]\n"),
       "outage-of-all-replicas", "recovers"},
  };
  for (const Row& row : rows) {
    const Rehearsal done = run(backend("guard", "guard") + row.hook, {row.scenario});
    EXPECT_EQ(verdict(done, "w", row.scenario), row.verdict) << row.name;
  }
}

TEST(Verdicts, OfTwoThatGuardEachOther) {
  const std::string of_b = "  namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: nsb}}\n";
  const std::string of_a = "  namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: nsa}}\n";
  const Rehearsal done =
      run(backend("a", "nsa") + backend("b", "nsb") + webhook("a", "a", "nsa", of_b) + webhook("b", "b", "nsb", of_a),
          {"outage-of-all-replicas", "whole-cluster-restart"});
  EXPECT_EQ(verdict(done, "a", "outage-of-all-replicas"), "recovers");
  EXPECT_EQ(verdict(done, "b", "outage-of-all-replicas"), "recovers");
  EXPECT_EQ(verdict(done, "a", "whole-cluster-restart"), "wedged");
  EXPECT_EQ(verdict(done, "b", "whole-cluster-restart"), "wedged");
  // One exclusion is enough to open the circle.
  for (const Act& act : done.acts)
    if (act.scenario.name == "whole-cluster-restart") {
      ASSERT_TRUE(act.change);
      EXPECT_EQ(act.change->edits.size(), 1u);
    }
}

TEST(Verdicts, AVictimIsNotTheCause) {
  const Rehearsal done = run(backend("bad", "bad") + backend("good", "guard") + webhook("bad", "bad", "bad") +
                                 webhook("good", "good", "guard", excluded),
                             {"whole-cluster-restart"});
  EXPECT_EQ(verdict(done, "bad", "whole-cluster-restart"), "wedged");
  EXPECT_EQ(verdict(done, "good", "whole-cluster-restart"), "recovers-after");
}

TEST(Verdicts, AnUnknownServiceIsAssumedAndTold) {
  const Rehearsal done = run(webhook("w", "nowhere", "lost"), {"outage-of-all-replicas"});
  EXPECT_EQ(verdict(done, "w", "outage-of-all-replicas"), "wedged");
  std::string told;
  for (const std::string& line : done.world.assumptions) told += line + "\n";
  EXPECT_NE(told.find("Service lost/nowhere of webhook w.example.com is not in the input"), std::string::npos) << told;
}

TEST(Verdicts, TheSameSeedGivesTheSameRun) {
  const std::string manifests = backend("guard", "guard", "3") + webhook("w", "guard", "guard");
  const std::string first = report::render_json(report_of(run(manifests, {}, 7)));
  EXPECT_EQ(first, report::render_json(report_of(run(manifests, {}, 7))));
}

TEST(Change, IsTheExclusionOfTheOwnNamespace) {
  const Rehearsal done = run(backend("guard", "guard") + webhook("w", "guard", "guard"), {"outage-of-all-replicas"});
  ASSERT_EQ(done.acts.size(), 1u);
  ASSERT_TRUE(done.acts[0].change);
  ASSERT_EQ(done.acts[0].change->edits.size(), 1u);
  const Edit& edit = done.acts[0].change->edits[0];
  EXPECT_EQ(edit.summary, "exclude namespace guard from webhook w.example.com");
  EXPECT_NE(edit.patch.find("\"operator\":\"NotIn\",\"values\":[\"guard\"]"), std::string::npos) << edit.patch;
}

TEST(Waits, NameTheRealError) {
  const Rehearsal done = run(backend("guard", "guard") + webhook("w", "guard", "guard"), {"outage-of-all-replicas"});
  ASSERT_FALSE(done.acts.empty());
  ASSERT_FALSE(done.acts[0].played.waits.empty());
  EXPECT_EQ(done.acts[0].played.waits[0].text,
            "Internal error occurred: failed calling webhook \"w.example.com\": failed to call webhook: Post "
            "\"https://guard.guard.svc:443/?timeout=10s\": no endpoints available for service \"guard\"");
}

TEST(Input, RefusesWhatIsNoSnapshot) {
  auto registry = kube::Registry::builtin();
  Input input;
  auto unknown =
      read_text("s.json", R"({"schema":"gatepost.dev/snapshot/v9","objects":[],"complete":true})", *registry, input);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(
      unknown.error().text,
      "s.json: snapshot version gatepost.dev/snapshot/v9 is not known (this program reads gatepost.dev/snapshot/v1)");
  auto half = read_text("s.json", R"({"schema":"gatepost.dev/snapshot/v1","objects":[)", *registry, input);
  ASSERT_FALSE(half);
  EXPECT_TRUE(half.error().text.starts_with("s.json: the snapshot is not whole")) << half.error().text;
  auto nameless = read_text("a.yaml", "apiVersion: v1\nkind: Service\nmetadata: {}\n", *registry, input);
  ASSERT_FALSE(nameless);
  EXPECT_EQ(nameless.error().text, "a.yaml:1: the Service has no metadata.name");
}

}  // namespace
}  // namespace gatepost::rehearse
