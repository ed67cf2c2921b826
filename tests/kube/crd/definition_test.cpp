#include "kube/crd/definition.h"

#include <gmock/gmock.h>

#include "kube/crd/names.h"
#include "kube/crd/support.h"
#include "kube/validation/validate.h"

namespace gatepost::kube::crd {
namespace {

using Lines = std::vector<std::string>;
using testing::ElementsAre;
using testing::HasSubstr;

std::string definition(const std::string& schema, const std::string& rest = "", const std::string& version = "") {
  return R"({"kind":"CustomResourceDefinition","apiVersion":"apiextensions.k8s.io/v1","metadata":{"name":"widgets.acme.io",
    "uid":"u","creationTimestamp":"2026-01-01T00:00:00Z"},"spec":{"group":"acme.io","scope":"Namespaced","names":{
    "plural":"widgets","singular":"widget","kind":"Widget","listKind":"WidgetList"},"conversion":{"strategy":"None"},
    "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":)" +
         schema + "}" + version + "}]" + rest + R"(},"status":{"storedVersions":["v1"]}})";
}

struct Row {
  std::string name, schema;
  Lines errors;
};

class Schemas : public testing::TestWithParam<Row> {};

TEST_P(Schemas, AreJudgedWithTheDefinition) {
  auto registry = Registry::builtin();
  const ResourceInfo* resource = registry->find("apiextensions.k8s.io", "v1", "customresourcedefinitions");
  ASSERT_TRUE(resource);
  EXPECT_EQ(lines(validate_create(parsed(definition(GetParam().schema)), *resource)), GetParam().errors);
}

std::string in_spec(const std::string& property) {
  return R"({"type":"object","properties":{"a":)" + property + "}}";
}
const std::string at = "spec.validation.openAPIV3Schema";

INSTANTIATE_TEST_SUITE_P(
    Rows, Schemas,
    testing::Values(
        Row{"good", in_spec(R"({"type":"string"})"), {}},
        Row{"no_type",
            in_spec("{}"),
            {at + ".properties[a].type: Required value: must not be empty for specified object fields"}},
        Row{"list_without_items",
            in_spec(R"({"type":"array"})"),
            {at + ".properties[a].items: Required value: must be specified"}},
        Row{"unknown_type",
            in_spec(R"({"type":"text"})"),
            {at +
             R"(.properties[a].type: Unsupported value: "text": supported values: "array", "boolean", "integer", "number", "object", "string")"}},
        Row{"type_in_alternatives",
            in_spec(R"({"type":"object","properties":{"b":{"type":"string"}},"anyOf":[{"type":"object"}]})"),
            {at + ".properties[a].anyOf[0].type: Forbidden: must be empty to be structural"}},
        Row{"value_of_no_field",
            R"({"type":"object","allOf":[{"required":["b"],"properties":{"b":{}}}]})",
            {at + ".properties[b]: Required value: because it is defined in " + at + ".allOf[0].properties[b]"}},
        Row{"unique_items",
            in_spec(R"({"type":"array","uniqueItems":true,"items":{"type":"string"}})"),
            {at + ".properties[a].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime "
                  "complexity becomes quadratic"}},
        Row{"default_with_unknown_field",
            in_spec(R"({"type":"object","default":{"z":1}})"),
            {at + R"(.properties[a].default: Invalid value: {"z":1}: must not have unknown fields)"}},
        Row{"list_map_without_keys",
            in_spec(R"({"type":"array","x-kubernetes-list-type":"map","items":{"type":"object"}})"),
            {at + ".properties[a].x-kubernetes-list-map-keys: Required value: must not be empty if "
                  "x-kubernetes-list-type is map"}},
        Row{"rule_of_text_type",
            in_spec(R"({"type":"string","maxLength":9,"x-kubernetes-validations":[{"rule":"self"}]})"),
            {at +
             R"(.properties[a].x-kubernetes-validations[0].rule: Invalid value: {"Rule":"self","Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}: cel expression must evaluate to a bool)"}},
        Row{"old_items",
            in_spec(R"({"type":"array","maxItems":3,"items":{"type":"string","maxLength":9,
             "x-kubernetes-validations":[{"rule":"self == oldSelf"}]}})"),
            {at +
             R"(.properties[a].items.x-kubernetes-validations[0].rule: Invalid value: "self == oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within )" +
             at + ".properties[a]"}},
        Row{"reason",
            in_spec(R"({"type":"integer","x-kubernetes-validations":[{"rule":"self > 1","reason":"Bad"}]})"),
            {at +
             R"(.properties[a].x-kubernetes-validations[0].reason: Unsupported value: "Bad": supported values: "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired")"}}),
    [](const auto& row) { return row.param.name; });

TEST(Definition, OrdersVersions) {
  EXPECT_TRUE(version_before("v2", "v1"));
  EXPECT_TRUE(version_before("v1", "v2beta1"));
  EXPECT_TRUE(version_before("v1beta2", "v1beta1"));
  EXPECT_TRUE(version_before("v1beta1", "v1alpha3"));
  EXPECT_TRUE(version_before("v1alpha1", "foo10"));
  EXPECT_TRUE(version_before("bar", "foo"));
}

TEST(Definition, ServesItsVersions) {
  auto resource = resource_of(
      in_spec(R"({"type":"string"})"),
      R"(,"subresources":{"status":{},"scale":{"specReplicasPath":".spec.n","statusReplicasPath":".status.n"}})");
  EXPECT_EQ(resource->collection, "acme.io/widgets");
  ASSERT_EQ(resource->subresources.size(), 2u);
  EXPECT_EQ(resource->subresources[1].kind.kind, "Scale");
  auto registry = with_custom(Registry::builtin(), {resource});
  EXPECT_EQ(registry->find("acme.io", "v1", "widgets"), resource.get());
  EXPECT_TRUE(registry->find("apps", "v1", "deployments"));
  EXPECT_THAT(std::string(registry->discovery_apis()),
              HasSubstr(R"({"metadata":{"name":"acme.io"},"versions":[{"version":"v1")"));
}

TEST(Names, AreTakenOnce) {
  auto now = std::chrono::system_clock::time_point();
  json::Value first = parsed(definition(in_spec(R"({"type":"string"})")));
  EXPECT_TRUE(settle_status(first, {}, now));
  EXPECT_TRUE(has_condition(first, "Established"));
  EXPECT_EQ(json::string_at(first, {"status", "acceptedNames", "listKind"}), "WidgetList");
  EXPECT_FALSE(settle_status(first, {}, now));

  json::Value second = first;
  second.get_object()["metadata"].get_object()["name"] = "others.acme.io";
  second.get_object()["spec"].get_object()["names"].get_object()["plural"] = "others";
  second.get_object()["status"] = json::Object{{"storedVersions", json::Array{"v1"}}};
  EXPECT_TRUE(settle_status(second, {&first}, now));
  EXPECT_FALSE(has_condition(second, "Established"));
  const json::Value& condition = (*json::array_at(second, {"status", "conditions"}))[0];
  EXPECT_EQ(json::string_at(condition, {"reason"}), "ListKindConflict");
  EXPECT_EQ(json::string_at(condition, {"message"}), R"("WidgetList" is already in use)");
}

TEST(Columns, FollowTheirPaths) {
  json::Value object = parsed(R"({"spec":{"l":[{"n":"a","v":1},{"n":"b","v":2}],"m":{"x.y":"dotted"}}})");
  auto at_path = [&](const std::string& path) {
    auto parsed_path = JsonPath::parse(path);
    EXPECT_TRUE(parsed_path) << path;
    std::vector<std::string> out;
    for (const json::Value* value : parsed_path->find(object)) out.push_back(printed(*value));
    return out;
  };
  EXPECT_THAT(at_path(".spec.l[0].n"), ElementsAre("a"));
  EXPECT_THAT(at_path(".spec.l[-1].n"), ElementsAre("b"));
  EXPECT_THAT(at_path(".spec.l[*].v"), ElementsAre("1", "2"));
  EXPECT_THAT(at_path(R"(.spec.l[?(@.n=="b")].v)"), ElementsAre("2"));
  EXPECT_THAT(at_path(R"(.spec.m.x\.y)"), ElementsAre("dotted"));
  EXPECT_THAT(at_path(".spec.m['x.y']"), ElementsAre("dotted"));
  EXPECT_THAT(at_path("..n"), ElementsAre("a", "b"));
  EXPECT_THAT(at_path(".spec.none"), ElementsAre());
  EXPECT_FALSE(JsonPath::parse(".spec.l[0"));
}

}  // namespace
}  // namespace gatepost::kube::crd
