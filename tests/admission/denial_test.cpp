// A denial is an answer, not a failed call: its Status, and what else an answer may carry.
#include "admission/errors.h"
#include "admission/world.h"

namespace gatepost::admission {
namespace {

using testing::parsed;
using testing::World;

struct Row {
  const char* name;
  const char* status;  // the answer's; null: none
  int code;
  const char* reason;
  const char* message;  // behind `admission webhook "w" denied the request`
};

class Denials : public ::testing::TestWithParam<Row> {};

TEST_P(Denials, AreTold) {
  kube::Status status = denied("w", GetParam().status ? parsed(GetParam().status) : json::Value());
  EXPECT_EQ(status.code, GetParam().code);
  EXPECT_EQ(status.reason, GetParam().reason);
  EXPECT_EQ(status.message, std::string("admission webhook \"w\" denied the request") + GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Denials,
    ::testing::Values(Row{"no_status", nullptr, 400, "", " without explanation"},
                      Row{"empty_status", "{}", 400, "", " without explanation"},
                      Row{"message", R"({"message":"no privileged pods"})", 400, "", ": no privileged pods"},
                      Row{"reason", R"({"reason":"Forbidden"})", 400, "Forbidden", ": Forbidden"},
                      Row{"message_before_reason", R"({"message":"no","reason":"Forbidden"})", 400, "Forbidden",
                          ": no"},
                      Row{"code", R"({"code":403,"message":"no"})", 403, "", ": no"},
                      Row{"code_of_the_server", R"({"code":503,"message":"no"})", 503, "", ": no"},
                      // A denial never looks like a success.
                      Row{"code_of_success", R"({"code":200,"message":"no"})", 400, "", ": no"},
                      Row{"code_of_a_redirect", R"({"code":399})", 400, "", " without explanation"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Denial, EndsTheRequest) {
  for (HookType type : {HookType::validating, HookType::mutating}) {
    World world;
    world.replies["w"] = {{R"("allowed":false,"status":{"code":403,"message":"no"})"}};
    // failurePolicy is about calls that fail; a denial denies.
    world.configure(type, "a", {{"w", R"({"failurePolicy":"Ignore"})"}});
    EXPECT_EQ(world.told(type, World::create()), "403 admission webhook \"w.test.io\" denied the request: no");
  }
}

TEST(Answer, LeavesWarningsAndAuditAnnotations) {
  for (HookType type : {HookType::validating, HookType::mutating}) {
    World world;
    world.replies["w"] = {{R"("allowed":true,"warnings":["a","b"],"auditAnnotations":{"k":"v"})"}};
    world.configure(type, "a", {{"w", "{}"}});
    EXPECT_EQ(world.told(type, World::create()), "ok");
    EXPECT_EQ(world.trail.warnings, (std::vector<std::string>{"a", "b"}));
    ASSERT_FALSE(world.trail.annotations.empty());
    EXPECT_EQ(world.trail.annotations[0], std::pair(std::string("w.test.io/k"), std::string("v")));
  }
}

TEST(DryRun, IsRefusedForAWebhookThatLeavesTraces) {
  for (HookType type : {HookType::validating, HookType::mutating})
    for (auto [side_effects, refused] : {std::pair{"None", false}, std::pair{"NoneOnDryRun", false},
                                         std::pair{"Some", true}, std::pair{"Unknown", true}}) {
      World world;
      world.configure(type, "a", {{"w", std::string(R"({"sideEffects":")") + side_effects + "\"}"}});
      Attributes attributes = World::create();
      attributes.dry_run = true;
      EXPECT_EQ(world.told(type, attributes),
                refused ? "400 admission webhook \"w.test.io\" does not support dry run" : "ok")
          << side_effects;
      EXPECT_EQ(world.received.size(), refused ? 0u : 1u);
      attributes.dry_run = false;
      EXPECT_EQ(world.told(type, attributes), "ok");
    }
}

}  // namespace
}  // namespace gatepost::admission
