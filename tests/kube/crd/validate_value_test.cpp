#include "kube/crd/validate_value.h"

#include "kube/crd/support.h"

namespace gatepost::kube::crd {
namespace {

using Lines = std::vector<std::string>;

struct Row {
  std::string name, schema, value;
  Lines errors;
};

class Values : public testing::TestWithParam<Row> {};

TEST_P(Values, AreJudgedAsByKubeOpenApi) {
  auto schema = read_schema(parsed(GetParam().schema));
  ASSERT_TRUE(schema);
  EXPECT_EQ(lines(to_field_errors(validate_value(parsed(GetParam().value), *schema), "")), GetParam().errors);
}

std::string field(const std::string& schema) {
  return R"({"type":"object","properties":{"a":)" + schema + "}}";
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Values,
    testing::Values(
        Row{"whole_number_is_an_integer", field(R"({"type":"integer"})"), R"({"a":2.0})", {}},
        Row{"integer_is_a_number", field(R"({"type":"number"})"), R"({"a":2})", {}},
        Row{"wrong_type",
            field(R"({"type":"integer"})"),
            R"({"a":"x"})",
            {R"(a: Invalid value: "string": a in body must be of type integer: "string")"}},
        Row{"null",
            field(R"({"type":"string"})"),
            R"({"a":null})",
            {R"(a: Invalid value: "null": a in body must be of type string: "null")"}},
        Row{"allowed_null", field(R"({"type":"string","nullable":true})"), R"({"a":null})", {}},
        Row{"fraction_of_an_integer",
            field(R"({"type":"integer","maximum":5})"),
            R"({"a":9.5})",
            {R"(a: Invalid value: "number": a in body must be of type integer: "number")",
             R"(<nil>: Invalid value: "": Checked value must be of type integer (default format) in a)",
             "a: Invalid value: 9.5: a in body should be less than or equal to 5"}},
        Row{"int32",
            field(R"({"type":"integer","format":"int32"})"),
            R"({"a":3000000000})",
            {R"(<nil>: Invalid value: "": Checked value must be of type integer with format int32 in a)"}},
        Row{"float_bounds",
            field(R"({"type":"number","minimum":0.5,"exclusiveMinimum":true})"),
            R"({"a":0.5})",
            {"a: Invalid value: 0.5: a in body should be greater than 0.5"}},
        Row{"multiple",
            field(R"({"type":"number","multipleOf":0.1})"),
            R"({"a":0.25})",
            {"a: Invalid value: 0.25: a in body should be a multiple of 0.1"}},
        Row{"runes_not_bytes", field(R"({"type":"string","maxLength":2})"), R"({"a":"éé"})", {}},
        Row{"one_byte",
            field(R"({"type":"string","maxLength":1})"),
            R"({"a":"ab"})",
            {"a: Too long: may not be more than 1 byte"}},
        Row{"only_the_first_of_text",
            field(R"({"type":"string","minLength":3,"pattern":"^x"})"),
            R"({"a":"a"})",
            {R"(a: Invalid value: "a": a in body should be at least 3 chars long)"}},
        Row{"enum_of_mixed",
            field(R"({"enum":["x",1,null]})"),
            R"({"a":2})",
            {R"(a: Unsupported value: 2: supported values: "x", "1", "null")"}},
        Row{"enum_number_as_float", field(R"({"type":"number","enum":[1]})"), R"({"a":1.0})", {}},
        Row{"list",
            field(R"({"type":"array","minItems":2,"items":{"type":"string"}})"),
            R"({"a":[1]})",
            {R"(a[0]: Invalid value: "integer": a[0] in body must be of type string: "integer")",
             "a: Invalid value: 1: a in body should have at least 2 items"}},
        Row{"map_values",
            field(R"({"type":"object","additionalProperties":{"type":"string"},"maxProperties":1})"),
            R"({"a":{"x":1,"y":"z"}})",
            {"a: Too many: 2: must have at most 1 item",
             R"(a.x: Invalid value: "integer": a.x in body must be of type string: "integer")"}},
        Row{"too_few_properties",
            field(R"({"type":"object","minProperties":1})"),
            R"({"a":{}})",
            {"a: Invalid value: 0: a in body should have at least 1 properties"}},
        Row{"required_at_the_root", R"({"type":"object","required":["spec"]})", "{}", {"spec: Required value"}},
        Row{"any_of",
            field(R"({"type":"string","anyOf":[{"pattern":"^a"},{"minLength":3}]})"),
            R"({"a":"b"})",
            {R"(<nil>: Invalid value: "": "a" must validate at least one schema (anyOf))",
             R"(a: Invalid value: "b": a in body should match '^a')"}},
        Row{"one_of",
            field(R"({"type":"string","oneOf":[{"minLength":1},{"maxLength":5}]})"),
            R"({"a":"b"})",
            {R"(<nil>: Invalid value: "": "a" must validate one and only one schema (oneOf). Found 2 valid alternatives)"}},
        Row{"all_of",
            field(R"({"type":"string","allOf":[{"minLength":2}]})"),
            R"({"a":"b"})",
            {R"(a: Invalid value: "b": a in body should be at least 2 chars long)",
             R"(<nil>: Invalid value: "": "a" must validate all the schemas (allOf). None validated)"}},
        Row{"not",
            field(R"({"type":"string","not":{"pattern":"b"}})"),
            R"({"a":"b"})",
            {R"(<nil>: Invalid value: "": "a" must not validate the schema (not))"}},
        Row{"int_or_string",
            field(R"({"x-kubernetes-int-or-string":true})"),
            R"({"a":true})",
            {R"(a: Invalid value: "boolean": a in body must be of type integer,string: "boolean")"}},
        Row{"format_of_another_type",
            field(R"({"type":"string","format":"date"})"),
            R"({"a":5})",
            {R"(a: Invalid value: "int64": a in body must be of type date: "int64")"}},
        Row{"unknown_format", field(R"({"type":"string","format":"phone"})"), R"({"a":"x"})", {}}),
    [](const auto& row) { return row.param.name; });

TEST(Ratcheting, KeepsWhatDidNotChange) {
  auto schema = read_schema(parsed(field(R"({"type":"object","properties":{"b":{"type":"string","maxLength":1},
                                                                          "c":{"type":"string","maxLength":1}}})")));
  ASSERT_TRUE(schema);
  json::Value before = parsed(R"({"a":{"b":"long","c":"x"}})"), after = parsed(R"({"a":{"b":"long","c":"longer"}})");
  EXPECT_EQ(lines(to_field_errors(validate_value(after, *schema, &before), "")),
            Lines{"a.c: Too long: may not be more than 1 byte"});
  EXPECT_TRUE(validate_value(before, *schema, &before).empty());
}

TEST(ListTypes, FindWhatComesTwice) {
  auto schema = read_schema(parsed(R"({"type":"object","properties":{
    "set":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},
    "map":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"],
           "items":{"type":"object","properties":{"k":{"type":"string"}}}}}})"));
  ASSERT_TRUE(schema);
  EXPECT_EQ(
      lines(validate_list_types(parsed(R"({"set":["a","b","a","a"],"map":[{"k":"x","v":1},{"k":"x"}]})"), *schema)),
      (Lines{R"(set[2]: Duplicate value: "a")", R"(map[1]: Duplicate value: {"k":"x"})"}));
}

}  // namespace
}  // namespace gatepost::kube::crd
