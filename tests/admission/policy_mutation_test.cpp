// Mutating policies with bindings in a store: what they make of a request, and
// when they run again.
#include <map>

#include "policy_stage.h"

namespace gatepost::admission {
namespace {

using policy_testing::parsed;
using policy_testing::Stage;

std::string json_patch(const std::string& operations, const char* more = "\"reinvocationPolicy\":\"Never\"") {
  return "{" + std::string(more) + R"j(,"mutations":[{"patchType":"JSONPatch","jsonPatch":{"expression":")j" +
         operations + "\"}}]}";
}

std::string data_after(Stage& stage) {
  std::string object = stage.mutated();
  if (!object.starts_with("{")) return object;
  const json::Value after = parsed(object);
  const json::Object* data = json::object_at(after, {"data"});
  std::map<std::string, std::string> sorted;
  if (data)
    for (const auto& member : *data) sorted.emplace(member.key(), json::view(member.value().as_string()));
  std::string out;
  for (const auto& [key, value] : sorted) out += (out.empty() ? "" : " ") + key + "=" + value;
  return out;
}

TEST(MutatingPolicies, MutateInOrder) {
  Stage stage;
  stage.policy(json_patch("[JSONPatch{op: 'add', path: '/data/b', value: object.data.n}]"), "{}", "a", "mutating");
  stage.policy(json_patch("[JSONPatch{op: 'add', path: '/data/c', value: "
                          "object.data.b + '!'}]"),
               "{}", "b", "mutating");
  EXPECT_EQ(data_after(stage), "b=7 c=7! n=7");
}

// A policy that asks for it runs again after a later one changed the object,
// and only then.
TEST(MutatingPolicies, RunAgainWhenNeeded) {
  const char* look =
      "[JSONPatch{op: 'add', path: '/data/seen', value: "
      "has(object.data.b) ? 'yes' : 'no'}]";
  for (const auto& [policy, expected] : {std::pair<const char*, const char*>{"IfNeeded", "b=x n=7 seen=yes"},
                                         std::pair<const char*, const char*>{"Never", "b=x n=7 seen=no"}}) {
    Stage stage;
    std::string reinvocation = "\"reinvocationPolicy\":\"" + std::string(policy) + "\"";
    stage.policy(json_patch(look, reinvocation.c_str()), "{}", "a", "mutating");
    stage.policy(json_patch("[JSONPatch{op: 'add', path: '/data/b', value: 'x'}]"), "{}", "b", "mutating");
    EXPECT_EQ(data_after(stage), expected) << policy;
  }
}

TEST(MutatingPolicies, Fail) {
  const char* bad = "[JSONPatch{op: 'add', path: '/data/b', value: object.x}]";
  Stage stage;
  stage.policy(json_patch(bad), "{}", "p", "mutating");
  EXPECT_EQ(stage.mutated(),
            "403 Invalid policy 'p' with binding 'p-b' denied request: "
            "expression '[JSONPatch{op: 'add', path: "
            "'/data/b', value: object.x}]' resulted in error: no such key: x");
  ASSERT_EQ(stage.status.causes.size(), 1U);
  EXPECT_EQ(stage.status.causes[0].message, stage.status.message);
  stage.policy(json_patch(bad, "\"failurePolicy\":\"Ignore\""), "{}", "p", "mutating");
  EXPECT_EQ(data_after(stage), "n=7");
  stage.policy(json_patch("[]", R"j("paramKind":{"apiVersion":"x.io/v1","kind":"Limit"})j"), "{}", "p", "mutating");
  EXPECT_EQ(stage.mutated(),
            "403 Forbidden policy \"p\" denied request: failed to configure "
            "policy: failed to find resource referenced "
            "by paramKind: 'x.io/v1, Kind=Limit'");
}

TEST(MutatingPolicies, HaveConditionsParametersAndNoDeletions) {
  Stage stage;
  stage.config_map("team", "values", R"j("data":{"b":"from params"})j");
  stage.policy(
      json_patch(
          "[JSONPatch{op: 'add', path: '/data/b', value: params.data.b}]",
          R"j("paramKind":{"apiVersion":"v1","kind":"ConfigMap"},"matchConditions":[{"name":"c","expression":"object.data.n == '7'"}])j"),
      R"j({"paramRef":{"name":"values","parameterNotFoundAction":"Deny"}})j", "p", "mutating");
  EXPECT_EQ(data_after(stage), "b=from params n=7");
  Attributes other = Stage::create(R"j({"metadata":{"name":"m","namespace":"team"},"data":{"n":"8"}})j");
  EXPECT_EQ(parsed(stage.mutated(other)), other.object);
  Attributes removed = Stage::create();
  removed.operation = Operation::remove;
  removed.old_object = removed.object;
  removed.object = json::Value();
  EXPECT_EQ(stage.mutated(removed), "null");
}

}  // namespace
}  // namespace gatepost::admission
