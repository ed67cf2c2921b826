// Which webhooks a request meets: by rules, matchPolicy and the version they ask for; compiled when a configuration
// changes.
#include "admission/source.h"

#include "admission/world.h"

namespace gatepost::admission {
namespace {

using testing::parsed;
using testing::World;

class Sources : public ::testing::Test {
 protected:
  World world;
  ServiceResolver resolver{*world.store, ""};
  TargetCache targets{resolver, {}};
  std::shared_ptr<const kube::Registry> registry = kube::Registry::builtin();

  static std::string rules(const std::string& group, const std::string& version, const std::string& resource) {
    return "\"rules\":[{\"operations\":[\"*\"],\"apiGroups\":[\"" + group + "\"],\"apiVersions\":[\"" + version +
           "\"],\"resources\":[\"" + resource + "\"]}]";
  }

  // The matches as "name as version/kind", in order.
  std::vector<std::string> met(Source& source, const Attributes& attributes) {
    std::vector<std::string> out;
    for (const Match& match : *source.matching(attributes))
      out.push_back(match.hook->name + " as " + match.resource.version + "/" + match.kind.kind);
    return out;
  }
  using Names = std::vector<std::string>;
};

TEST_F(Sources, OrderAndChange) {
  world.configure(HookType::validating, "b", {{"b1", "{}"}});
  Source source(*world.store, *registry, HookType::validating, targets);
  Attributes attributes = World::create();
  EXPECT_EQ(met(source, attributes), Names{"b1.test.io as v1/ConfigMap"});
  world.configure(HookType::validating, "a", {{"a2", "{}"}, {"a1", "{}"}});
  world.configure(HookType::mutating, "0", {{"other", "{}"}});
  EXPECT_EQ(met(source, attributes),
            (Names{"a2.test.io as v1/ConfigMap", "a1.test.io as v1/ConfigMap", "b1.test.io as v1/ConfigMap"}));
  world.configure(HookType::validating, "b", {{"b2", "{}"}});
  world.remove("admissionregistration.k8s.io/validatingwebhookconfigurations", "", "a");
  EXPECT_EQ(met(source, attributes), Names{"b2.test.io as v1/ConfigMap"});
}

// What was remembered for one operation or scope is not taken for another.
TEST_F(Sources, RemembersApart) {
  world.configure(HookType::validating, "a",
                  {{"w", R"({"rules":[{"operations":["CREATE"],"apiGroups":["*"],"apiVersions":["*"],)"
                         R"("resources":["*"],"scope":"Namespaced"}]})"}});
  Source source(*world.store, *registry, HookType::validating, targets);
  Attributes attributes = World::create();
  EXPECT_EQ(met(source, attributes).size(), 1u);
  attributes.operation = Operation::update;
  EXPECT_EQ(met(source, attributes).size(), 0u);
  attributes.operation = Operation::create;
  attributes.ns.clear();
  EXPECT_EQ(met(source, attributes).size(), 0u);
  attributes.ns = "team";
  attributes.subresource = "status";
  EXPECT_EQ(met(source, attributes).size(), 0u);
  attributes.subresource.clear();
  EXPECT_EQ(met(source, attributes).size(), 1u);
}

TEST_F(Sources, NobodyForTheConfigurationsThemselves) {
  world.configure(HookType::validating, "a", {{"w", "{" + rules("*", "*", "*") + "}"}});
  Source source(*world.store, *registry, HookType::validating, targets);
  Attributes attributes;
  attributes.kind = {"admissionregistration.k8s.io", "v1", "MutatingWebhookConfiguration"};
  attributes.resource = {"admissionregistration.k8s.io", "v1", "mutatingwebhookconfigurations"};
  EXPECT_EQ(met(source, attributes).size(), 0u);
  attributes.kind = {"apps", "v1", "Deployment"};
  attributes.resource = {"apps", "v1", "deployments"};
  EXPECT_EQ(met(source, attributes).size(), 1u);
}

TEST_F(Sources, MatchPolicyEquivalentLooksAtOtherVersions) {
  world.configure(
      HookType::validating, "a",
      {{"equivalent", "{" + rules("autoscaling", "v2", "horizontalpodautoscalers") + "}"},
       {"exact", "{\"matchPolicy\":\"Exact\"," + rules("autoscaling", "v2", "horizontalpodautoscalers") + "}"},
       {"own", "{" + rules("autoscaling", "v1", "horizontalpodautoscalers") + "}"},
       {"both", "{" + rules("autoscaling", "*", "horizontalpodautoscalers") + "}"}});
  Source source(*world.store, *registry, HookType::validating, targets);
  Attributes attributes;
  attributes.ns = "team";
  attributes.kind = {"autoscaling", "v1", "HorizontalPodAutoscaler"};
  attributes.resource = {"autoscaling", "v1", "horizontalpodautoscalers"};
  EXPECT_EQ(met(source, attributes),
            (Names{"equivalent.test.io as v2/HorizontalPodAutoscaler", "own.test.io as v1/HorizontalPodAutoscaler",
                   "both.test.io as v1/HorizontalPodAutoscaler"}));
}

TEST_F(Sources, EventsAreServedByTwoGroups) {
  world.configure(
      HookType::validating, "a",
      {{"core", "{" + rules("", "v1", "events") + "}"}, {"new", "{" + rules("events.k8s.io", "v1", "events") + "}"}});
  Source source(*world.store, *registry, HookType::validating, targets);
  Attributes attributes;
  attributes.ns = "team";
  attributes.kind = {"", "v1", "Event"};
  attributes.resource = {"", "v1", "events"};
  auto matches = source.matching(attributes);
  ASSERT_EQ(matches->size(), 2u);
  EXPECT_EQ((*matches)[0].kind.group, "");
  EXPECT_EQ((*matches)[1].kind.group, "events.k8s.io");
}

// The object is sent in the version that the rule names.
TEST_F(Sources, TheReviewHoldsTheConvertedObject) {
  world.configure(HookType::validating, "a",
                  {{"w", "{" + rules("autoscaling", "v2", "horizontalpodautoscalers") + "}"}});
  Attributes attributes;
  attributes.ns = "team";
  attributes.name = "h";
  attributes.kind = {"autoscaling", "v1", "HorizontalPodAutoscaler"};
  attributes.resource = {"autoscaling", "v1", "horizontalpodautoscalers"};
  attributes.object = parsed(
      R"({"apiVersion":"autoscaling/v1","kind":"HorizontalPodAutoscaler","metadata":{"name":"h","namespace":"team"},
          "spec":{"scaleTargetRef":{"kind":"Deployment","name":"d"},"maxReplicas":3,"targetCPUUtilizationPercentage":80}})");
  ASSERT_EQ(world.told(HookType::validating, attributes), "ok");
  ASSERT_EQ(world.received.size(), 1u);
  json::Value review = parsed(world.received[0].second);
  EXPECT_EQ(json::string_at(review, {"request", "kind", "version"}), "v2");
  EXPECT_EQ(json::string_at(review, {"request", "requestKind", "version"}), "v1");
  EXPECT_EQ(json::string_at(review, {"request", "object", "apiVersion"}), "autoscaling/v2");
  EXPECT_TRUE(json::array_at(review, {"request", "object", "spec", "metrics"}));
}

TEST_F(Sources, HooksTakeWhatIsWrittenOrTheDefault) {
  auto compiled = [&](const char* webhook) {
    json::Value configuration = {{"metadata", {{"name", "c"}}}, {"webhooks", {parsed(webhook), parsed(webhook)}}};
    return compile_hooks(configuration, HookType::mutating, targets);
  };
  auto bare = compiled(R"({"name":"w","clientConfig":{"url":"https://h"}})");
  ASSERT_EQ(bare.size(), 2u);
  EXPECT_EQ(bare[0]->uid, "c/w/0");
  EXPECT_EQ(bare[1]->uid, "c/w/1");
  EXPECT_TRUE(bare[0]->equivalent);
  EXPECT_EQ(bare[0]->failure_policy, FailurePolicy::fail);
  EXPECT_EQ(bare[0]->timeout, std::chrono::seconds(10));
  EXPECT_EQ(bare[0]->review_version, ReviewVersion::none);
  EXPECT_EQ(bare[0]->side_effects, SideEffects::unknown);
  EXPECT_FALSE(bare[0]->reinvocable);
  EXPECT_EQ(bare[0]->target, bare[1]->target);  // one client for one clientConfig
  auto full = compiled(
      R"({"name":"w","clientConfig":{"url":"https://h"},"matchPolicy":"Exact","failurePolicy":"Ignore","timeoutSeconds":7,
          "admissionReviewVersions":["v9","v1beta1","v1"],"sideEffects":"NoneOnDryRun","reinvocationPolicy":"IfNeeded"})");
  EXPECT_FALSE(full[0]->equivalent);
  EXPECT_EQ(full[0]->failure_policy, FailurePolicy::ignore);
  EXPECT_EQ(full[0]->timeout, std::chrono::seconds(7));
  EXPECT_EQ(full[0]->review_version, ReviewVersion::v1beta1);
  EXPECT_EQ(full[0]->side_effects, SideEffects::none_on_dry_run);
  EXPECT_TRUE(full[0]->reinvocable);
}

}  // namespace
}  // namespace gatepost::admission
