// One mutation of a policy: rows of expressions, the object before and after,
// or the refusal.
#include <gtest/gtest.h>

#include "admission/policy/mutate.h"
#include "json/parse.h"
#include "json/write.h"

namespace gatepost::admission {
namespace {

json::Value parsed(std::string_view text) {
  auto value = json::parse(text, json::Storage());
  if (!value) throw std::runtime_error(std::string(text) + ": " + value.error().text);
  return *value;
}

std::string mutated(const char* type, const char* holder, const std::string& expression, const std::string& object,
                    const Kind& kind = {"", "v1", "ConfigMap"}) {
  json::Value mutation = json::Object({{"patchType", type}, {holder, {{"expression", expression}}}});
  json::Value spec = json::Object({{"mutations", json::Array({mutation})}});
  spec.get_object()["variables"] = parsed(R"j([{"name":"team","expression":"'blue'"}])j");
  auto policy = Policy::compile(json::Object({{"metadata", {{"name", "p"}}}, {"spec", spec}}));
  json::Value before = parsed(object);
  const json::Value kept = before;
  Attributes attributes;
  attributes.kind = kind;
  Inputs inputs{.object = &before, .attributes = &attributes};
  auto after = mutate(*policy, policy->mutations.at(0), inputs, kind);
  EXPECT_EQ(before, kept);
  if (after) return json::write(*after);
  return after.error().final ? std::to_string(after.error().status.code) + " " + after.error().status.message
                             : after.error().why;
}

struct Row {
  const char* name;
  const char* expression;
  const char* object;
  const char* expected;
};

TEST(Mutate, AppliesJsonPatches) {
  constexpr const char* plain = R"j({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"},"data":{"a":"1"}})j";
  const Row rows[] = {
      {"adds", "[JSONPatch{op: 'add', path: '/data/b', value: variables.team}]", plain,
       R"j({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"},"data":{"a":"1","b":"blue"}})j"},
      {"an empty list has no type", "[]", plain, "must evaluate to list(JSONPatch) but got list(dyn)"},
      {"escapes keys",
       "[JSONPatch{op: 'add', path: '/data/' + jsonpatch.escapeKey('b~/c'), "
       "value: 'x'},"
       "JSONPatch{op: 'remove', path: '/data/b~0~1c'}]",
       plain, plain},
      {"copies", "[JSONPatch{op: 'copy', from: '/data/a', path: '/data/b'}]", plain,
       R"j({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"},"data":{"a":"1","b":"1"}})j"},
      {"a test that fails is a condition",
       "[JSONPatch{op: 'test', path: '/data/a', value: '2'}, JSONPatch{op: "
       "'remove', path: '/data/a'}]",
       plain, plain},
      {"objects and maps are values",
       "[JSONPatch{op: 'add', path: '/metadata/labels', value: {'x': 'y'}},"
       "JSONPatch{op: 'add', path: '/immutable', value: true}]",
       plain,
       R"j({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m","labels":{"x":"y"}},"data":{"a":"1"},"immutable":true})j"},
      {"a path that is not there", "[JSONPatch{op: 'remove', path: '/data/z'}]", plain,
       "JSON Patch: error in remove for path: '/data/z': Unable to remove "
       "nonexistent key: z: missing value"},
      {"an unknown field", "[JSONPatch{op: 'add', path: '/nope', value: 1}]", plain,
       "500 Internal error occurred: strict decoding error: unknown field "
       "\"nope\""},
      {"misnamed objects",
       "[JSONPatch{op: 'add', path: '/metadata', value: "
       "Object.metadata{labels: Object.metadata.wrong{}}}]",
       plain,
       "type mismatch: unexpected type name \"Object.metadata.wrong\", "
       "expected \"Object.metadata.labels\", which "
       "matches field name path from root Object type"},
      {"an expression that fails", "[JSONPatch{op: 'add', path: '/data/b', value: object.x}]", plain,
       "expression '[JSONPatch{op: 'add', path: '/data/b', value: object.x}]' "
       "resulted in error: no such key: x"},
      {"another type", "'x'", plain, "must evaluate to list(JSONPatch) but got string"},
  };
  for (const Row& row : rows)
    EXPECT_EQ(mutated("JSONPatch", "jsonPatch", row.expression, row.object), row.expected) << row.name;
}

TEST(Mutate, LargeIntegersAreTextsInPatches) {
  std::string after =
      mutated("JSONPatch", "jsonPatch",
              "[JSONPatch{op: 'add', path: '/spec/replicas', value: 3},"
              "JSONPatch{op: 'add', path: '/metadata/labels', value: {'a': "
              "9007199254740993}}]",
              R"j({"apiVersion":"v1","kind":"ReplicationController","metadata":{"name":"m"},"spec":{"replicas":1}})j",
              {"", "v1", "ReplicationController"});
  EXPECT_TRUE(after.find(R"j("labels":{"a":"9007199254740993"})j") != std::string::npos) << after;
  EXPECT_TRUE(after.find(R"j("replicas":3)j") != std::string::npos) << after;
}

TEST(Mutate, AppliesConfigurations) {
  constexpr const char* plain = R"j({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"},"data":{"a":"1"}})j";
  const Row rows[] = {
      {"adds labels", "Object{metadata: Object.metadata{labels: {'team': variables.team}}}", plain,
       R"j({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m","labels":{"team":"blue"}},"data":{"a":"1"}})j"},
      {"replaces values", "Object{data: {'a': '2', 'b': string(object.data.a)}}", plain,
       R"j({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"},"data":{"a":"2","b":"1"}})j"},
      {"an unknown field", "Object{nope: 1}", plain,
       "error applying patch: failed to convert patch object to typed object: "
       ".nope: field not declared in schema"},
      {"misnamed objects", "Object{metadata: Object.spec{}}", plain,
       "type mismatch: unexpected type name \"Object.spec\", expected "
       "\"Object.metadata\", which matches field name "
       "path from root Object type"},
      {"another type", "{'a': 'b'}", plain, "must evaluate to Object but got map(string, string)"},
  };
  for (const Row& row : rows)
    EXPECT_EQ(mutated("ApplyConfiguration", "applyConfiguration", row.expression, row.object), row.expected)
        << row.name;
}

TEST(Mutate, ListsWithKeysMergeAndAtomicOnesAreRefused) {
  const Kind kind{"", "v1", "Pod"};
  const std::string pod =
      R"j({"apiVersion":"v1","kind":"Pod","metadata":{"name":"m"},"spec":{"containers":[{"name":"a","image":"i"}]}})j";
  auto with = [&](const std::string& expression) {
    return mutated("ApplyConfiguration", "applyConfiguration", expression, pod, kind);
  };
  std::string merged = with(
      "Object{spec: Object.spec{initContainers: "
      "[Object.spec.initContainers{name: 's', image: 'side'}],"
      "containers: [Object.spec.containers{name: 'a', env: "
      "[Object.spec.containers.env{name: 'E', value: '1'}]}]}}");
  EXPECT_TRUE(merged.find(R"j("image":"i")j") != std::string::npos) << merged;
  EXPECT_TRUE(merged.find(R"j("env":[{"name":"E","value":"1"}])j") != std::string::npos) << merged;
  EXPECT_TRUE(merged.find(R"j("image":"side")j") != std::string::npos) << merged;
  // As in server-side apply, the items come in the configuration's order.
  std::string ordered = with(
      "Object{spec: Object.spec{containers: [Object.spec.containers{name: 'b', image: 'x'}, "
      "Object.spec.containers{name: 'a'}]}}");
  EXPECT_LT(ordered.find(R"j("name":"b")j"), ordered.find(R"j("name":"a")j")) << ordered;
  EXPECT_EQ(with("Object{spec: Object.spec{tolerations: "
                 "[Object.spec.tolerations{key: 'k'}]}}"),
            "error applying patch: invalid ApplyConfiguration: may not mutate "
            "atomic arrays, maps or structs: "
            ".spec.tolerations");
}

}  // namespace
}  // namespace gatepost::admission
