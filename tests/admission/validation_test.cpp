// Validating webhooks, all at once: who answers first, conditions, and what is counted.
#include "admission/world.h"

namespace gatepost::admission {
namespace {

using std::chrono::milliseconds;
using testing::World;

TEST(Validation, CallsAllAtOnceAndTheFirstRefusalInTimeIsTheAnswer) {
  World world;
  world.replies["slow"] = {{.response = R"("allowed":false,"status":{"message":"slow"})", .delay = milliseconds(60)}};
  world.replies["quick"] = {{R"("allowed":false,"status":{"message":"quick"})"}};
  world.configure(HookType::validating, "a", {{"slow", "{}"}, {"quick", "{}"}, {"good", "{}"}});
  auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(world.told(HookType::validating, World::create()),
            "400 admission webhook \"quick.test.io\" denied the request: quick");
  EXPECT_LT(std::chrono::steady_clock::now() - start, milliseconds(2000));
  EXPECT_EQ(world.received.size(), 3u);
}

TEST(Validation, TellsTheNotesOfAllInTheirOrder) {
  World world;
  world.replies["slow"] = {{.response = R"("allowed":true,"warnings":["1"])", .delay = milliseconds(30)}};
  world.replies["quick"] = {{R"("allowed":true,"warnings":["2"])"}};
  world.configure(HookType::validating, "a", {{"slow", "{}"}, {"quick", "{}"}});
  EXPECT_EQ(world.told(HookType::validating, World::create()), "ok");
  EXPECT_EQ(world.trail.warnings, (std::vector<std::string>{"1", "2"}));
}

TEST(Validation, TellsWhatMayMutateByRulesAlone) {
  World world;
  Attributes attributes = World::create();
  world.configure(HookType::validating, "v", {{"v", "{}"}});
  ASSERT_TRUE(world.run(HookType::validating, attributes));
  EXPECT_FALSE(world.admission->may_mutate(attributes));
  world.configure(HookType::mutating, "a", {{"w", "{}"}});
  EXPECT_TRUE(world.admission->may_mutate(attributes));
  attributes.resource.resource = "secrets";
  EXPECT_FALSE(world.admission->may_mutate(attributes));
}

// A request that runs while its configuration goes ends with the webhooks it started with.
TEST(Validation, OutlivesItsConfiguration) {
  World world;
  world.replies["w"] = {{.response = R"("allowed":false)", .delay = milliseconds(20)}};
  world.configure(HookType::validating, "a", {{"w", "{}"}});
  Attributes attributes = World::create();
  ASSERT_FALSE(world.run(HookType::validating, attributes));
  auto gone = [](World* at) -> net::Task<void> {
    while (at->received.size() < 2) co_await net::sleep_for(milliseconds(1));
    storage::Key key{"admissionregistration.k8s.io/validatingwebhookconfigurations", "", "a"};
    (void)co_await at->store->remove(key, at->store->get(key)->revision, [](storage::Revision) { return "{}"; });
  };
  world.loop.spawn(gone(&world));
  EXPECT_EQ(world.told(HookType::validating, attributes),
            "400 admission webhook \"w.test.io\" denied the request without explanation");
  EXPECT_EQ(world.told(HookType::validating, attributes), "ok");
}

struct Condition {
  const char* name;
  const char* conditions;  // of the webhook, with failurePolicy where it is not Fail
  std::string told;
  std::size_t calls;
};

class Conditions : public ::testing::TestWithParam<Condition> {};

TEST_P(Conditions, Decide) {
  World world;
  world.configure(HookType::validating, "a", {{"w", GetParam().conditions}});
  EXPECT_EQ(world.told(HookType::validating, World::create()), GetParam().told);
  EXPECT_EQ(world.received.size(), GetParam().calls);
}

const std::string forbidden = "403 configmaps \"m\" is forbidden: ";

INSTANTIATE_TEST_SUITE_P(
    Rows, Conditions,
    ::testing::Values(
        Condition{"true", R"({"matchConditions":[{"name":"a","expression":"true"}]})", "ok", 1},
        Condition{"false", R"({"matchConditions":[{"name":"a","expression":"false"}]})", "ok", 0},
        Condition{"all_must_hold",
                  R"({"matchConditions":[{"name":"a","expression":"true"},{"name":"b","expression":"false"}]})", "ok",
                  0},
        Condition{"they_see_the_object",
                  R"({"matchConditions":[{"name":"a","expression":"object.metadata.name=='m'"}]})", "ok", 1},
        Condition{"they_see_the_user",
                  R"({"matchConditions":[{"name":"a","expression":"request.userInfo.username!='jane'"}]})", "ok", 0},
        Condition{"no_old_object", R"({"matchConditions":[{"name":"a","expression":"oldObject==null"}]})", "ok", 1},
        Condition{"error", R"({"matchConditions":[{"name":"a","expression":"object.data.x=='1'"}]})",
                  forbidden + "expression 'object.data.x=='1'' resulted in error: no such key: data", 0},
        Condition{"two_errors",
                  R"({"matchConditions":[{"name":"a","expression":"object.x==1"},)"
                  R"({"name":"b","expression":"object.y==1"}]})",
                  forbidden + "[expression 'object.x==1' resulted in error: no such key: x, expression 'object.y==1' "
                              "resulted in error: no such key: y]",
                  0},
        // A condition whose type is not known to be bool is none (it would have been refused when it was written).
        Condition{"not_a_bool", R"({"matchConditions":[{"name":"a","expression":"object.x"}]})",
                  forbidden + "compilation error: must evaluate to bool but got dyn", 0},
        Condition{"false_wins_over_an_error",
                  R"({"matchConditions":[{"name":"a","expression":"object.x==1"},{"name":"b","expression":"false"}]})",
                  "ok", 0},
        Condition{"error_under_ignore",
                  R"({"failurePolicy":"Ignore","matchConditions":[{"name":"a","expression":"object.x==1"}]})", "ok",
                  0}),
    [](const auto& info) { return std::string(info.param.name); });

// The sample `name{labels}` of the exposition; -1: none.
double sample(World& world, const std::string& start) {
  std::string text;
  world.admission->write_metrics(text);
  std::size_t at = text.find(start);
  return at == std::string::npos ? -1 : std::stod(text.substr(text.find("} ", at) + 2));
}

TEST(Counted, CallsRejectionsAndFailuresThatWereIgnored) {
  World world;
  world.replies["denies"] = {{R"("allowed":false)"}};
  world.replies["fails"] = {{.body = "", .status = 500}};
  world.configure(HookType::validating, "a", {{"good", "{}"}});
  EXPECT_EQ(world.told(HookType::validating, World::create()), "ok");
  EXPECT_EQ(
      sample(
          world,
          R"(apiserver_admission_webhook_request_total{code="200",name="good.test.io",operation="CREATE",rejected="false",type="validating")"),
      1);
  world.configure(HookType::validating, "a", {{"denies", "{}"}});
  EXPECT_NE(world.told(HookType::validating, World::create()), "ok");
  EXPECT_EQ(
      sample(
          world,
          R"(apiserver_admission_webhook_rejection_count{error_type="no_error",name="denies.test.io",operation="CREATE",rejection_code="400",type="validating")"),
      1);
  world.configure(HookType::validating, "a", {{"fails", "{}"}});
  EXPECT_NE(world.told(HookType::validating, World::create()), "ok");
  EXPECT_EQ(
      sample(world,
             R"(apiserver_admission_webhook_rejection_count{error_type="calling_webhook_error",name="fails.test.io")"),
      1);
  world.configure(HookType::validating, "a", {{"fails", R"({"failurePolicy":"Ignore"})"}});
  EXPECT_EQ(world.told(HookType::validating, World::create()), "ok");
  EXPECT_EQ(sample(world, R"(apiserver_admission_webhook_fail_open_count{name="fails.test.io",type="validating")"), 1);
}

}  // namespace
}  // namespace gatepost::admission
