// Mutating webhooks one after the other: order, patches, and who is called again after a change.
#include "admission/world.h"
#include "base/base64.h"

namespace gatepost::admission {
namespace {

using testing::Reply;
using testing::World;

Reply patching(std::string_view patch, std::string_view type = R"("JSONPatch")") {
  return {"\"allowed\":true,\"patch\":\"" + base64::encode(patch) + "\",\"patchType\":" + std::string(type)};
}

Reply labelling(const std::string& name) {
  return patching("[{\"op\":\"add\",\"path\":\"/data\",\"value\":{\"" + name + "\":\"x\"}}]");
}

std::string data(const Attributes& attributes) {
  const json::Value* found = json::find(attributes.object, "data");
  return found ? json::write(*found) : "";
}

std::string note(const World& world, std::string_view key) {
  for (const auto& [name, value] : world.trail.annotations)
    if (name == key) return value;
  return "";
}

TEST(Mutation, IsInTheOrderOfConfigurationNames) {
  World world;
  world.configure(HookType::mutating, "b", {{"third", "{}"}});
  world.configure(HookType::mutating, "a", {{"first", "{}"}, {"second", "{}"}});
  EXPECT_EQ(world.told(HookType::mutating, World::create()), "ok");
  EXPECT_EQ(world.paths(), (std::vector<std::string>{"first", "second", "third"}));
}

TEST(Mutation, IsSeenByTheNext) {
  World world;
  world.replies["first"] = {labelling("one")};
  world.configure(HookType::mutating, "a", {{"first", "{}"}, {"second", "{}"}});
  Attributes attributes = World::create();
  ASSERT_TRUE(world.run(HookType::mutating, attributes));
  EXPECT_EQ(data(attributes), R"({"one":"x"})");
  EXPECT_NE(world.received[1].second.find(R"("data":{"one":"x"})"), std::string::npos);
  EXPECT_EQ(note(world, "mutation.webhook.admission.k8s.io/round_0_index_0"),
            R"({"configuration":"a","webhook":"first.test.io","mutated":true})");
  EXPECT_EQ(note(world, "mutation.webhook.admission.k8s.io/round_0_index_1"),
            R"({"configuration":"a","webhook":"second.test.io","mutated":false})");
  EXPECT_NE(note(world, "patch.webhook.admission.k8s.io/round_0_index_0"), "");
}

// kubernetes: a webhook that said IfNeeded is called once more when a later one changed the object.
struct Again {
  const char* name;
  std::vector<std::pair<std::string, std::string>> hooks;  // path and members
  std::vector<std::string> changing;                       // which of them change the object, each time
  std::vector<std::string> called;
};

class Reinvocation : public ::testing::TestWithParam<Again> {};

TEST_P(Reinvocation, Calls) {
  World world;
  for (const std::string& path : GetParam().changing) world.replies[path] = {labelling(path)};
  int number = 0;
  for (const auto& hook : GetParam().hooks) world.configure(HookType::mutating, std::to_string(number++), {hook});
  EXPECT_EQ(world.told(HookType::mutating, World::create()), "ok");
  EXPECT_EQ(world.paths(), GetParam().called);
}

constexpr const char* if_needed = R"({"reinvocationPolicy":"IfNeeded"})";

INSTANTIATE_TEST_SUITE_P(
    Rows, Reinvocation,
    ::testing::Values(
        Again{"nobody_changes", {{"a", if_needed}, {"b", if_needed}}, {}, {"a", "b"}},
        Again{"the_later_changes", {{"a", if_needed}, {"b", "{}"}}, {"b"}, {"a", "b", "a"}},
        Again{"the_earlier_changes", {{"a", if_needed}, {"b", "{}"}}, {"a"}, {"a", "b"}},
        Again{"never_is_never", {{"a", "{}"}, {"b", if_needed}}, {"b"}, {"a", "b"}},
        Again{"both_change_each_time", {{"a", if_needed}, {"b", if_needed}}, {"a", "b"}, {"a", "b", "a", "b"}},
        Again{"those_before_the_change",
              {{"a", if_needed}, {"b", if_needed}, {"c", "{}"}, {"d", if_needed}},
              {"c"},
              {"a", "b", "c", "d", "a", "b"}}),
    [](const auto& info) { return std::string(info.param.name); });

struct Patch {
  const char* name;
  Reply reply;
  std::string told;
  const char* data = "";
};

class Patches : public ::testing::TestWithParam<Patch> {};

TEST_P(Patches, AreJudged) {
  World world;
  world.replies["w"] = {GetParam().reply};
  world.configure(HookType::mutating, "a", {{"w", "{}"}});
  Attributes attributes = World::create();
  EXPECT_EQ(world.told(HookType::mutating, attributes), GetParam().told);
  world.replies["w"] = {GetParam().reply};
  if (world.run(HookType::mutating, attributes)) EXPECT_EQ(data(attributes), GetParam().data);
}

const std::string internal = "500 Internal error occurred: ",
                  failed = internal + "failed calling webhook \"w.test.io\": ";

INSTANTIATE_TEST_SUITE_P(
    Rows, Patches,
    ::testing::Values(
        Patch{"applied", labelling("k"), "ok", R"({"k":"x"})"}, Patch{"empty_list", patching("[]"), "ok"},
        Patch{"null", patching("null"), "ok"},
        Patch{"no_list", patching("{}"),
              failed + "received undecodable patch in webhook response: json: cannot unmarshal object into Go value of "
                       "type jsonpatch.Patch"},
        Patch{"no_type",
              {R"("allowed":true,"patch":"W10=")"},
              failed + "received invalid webhook response: webhook returned response.patch but not response.patchType"},
        Patch{"type_alone",
              {R"("allowed":true,"patchType":"JSONPatch")"},
              failed + "received invalid webhook response: webhook returned response.patchType but not response.patch"},
        Patch{"empty_type", patching("[]", R"("")"),
              failed + "received invalid webhook response: webhook returned invalid response.patchType of \"\""},
        // The type is only looked at where there is something to apply.
        Patch{"other_type", patching(R"([{"op":"add","path":"/data","value":{}}])", R"("MergePatch")"),
              failed + "unsupported patch type \"MergePatch\""},
        Patch{"other_type_and_nothing_to_apply", patching("[]", R"("MergePatch")"), "ok"},
        Patch{"other_type_alone",
              {R"("allowed":true,"patchType":"MergePatch")"},
              failed + "received invalid webhook response: webhook returned response.patchType but not response.patch"},
        Patch{"patch_that_is_no_base64",
              {R"("allowed":true,"patch":"!","patchType":"JSONPatch")"},
              failed + "failed to call webhook: illegal base64 data at input byte 0"},
        Patch{"missing_path", patching(R"([{"op":"remove","path":"/data/a"}])"),
              internal + "remove operation does not apply: doc is missing path: \"/data/a\": missing value"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Mutation, OfWhatIsNotThere) {
  World world;
  world.replies["w"] = {labelling("k")};
  world.configure(HookType::mutating, "a", {{"w", "{}"}});
  Attributes attributes = World::create();
  attributes.operation = Operation::remove;
  attributes.old_object = std::move(attributes.object);
  attributes.object = nullptr;
  EXPECT_EQ(world.told(HookType::mutating, attributes),
            internal +
                "admission webhook \"w.test.io\" attempted to modify the object, which is not supported for this "
                "operation");
  world.replies["w"] = {patching("[]")};
  EXPECT_EQ(world.told(HookType::mutating, attributes), "ok");
}

TEST(Mutation, ByTwoWebhooksOfOneName) {
  World world;
  world.replies["b"] = {labelling("b")};
  // Their identity is configuration, name and number: only the first may be called again.
  world.configure(
      HookType::mutating, "a",
      {{"a", R"({"name":"same.test.io","reinvocationPolicy":"IfNeeded"})"}, {"b", R"({"name":"same.test.io"})"}});
  EXPECT_EQ(world.told(HookType::mutating, World::create()), "ok");
  EXPECT_EQ(world.paths(), (std::vector<std::string>{"a", "b", "a"}));
}

}  // namespace
}  // namespace gatepost::admission
