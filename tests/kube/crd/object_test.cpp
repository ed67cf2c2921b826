#include "kube/crd/object.h"

#include <gmock/gmock.h>

#include "json/write.h"
#include "kube/crd/support.h"

namespace gatepost::kube::crd {
namespace {

using Lines = std::vector<std::string>;
using testing::HasSubstr;

constexpr const char* schema = R"({"type":"object","properties":{
  "spec":{"type":"object","properties":{
    "a":{"type":"string","default":"x"},
    "n":{"type":"integer"},
    "o":{"type":"object","default":{"p":1,"dropped":2},"properties":{"p":{"type":"integer"},
                                                                       "q":{"type":"integer","default":7}}},
    "open":{"type":"object","x-kubernetes-preserve-unknown-fields":true},
    "list":{"type":"array","items":{"type":"object","properties":{"k":{"type":"string"}}}}}},
  "status":{"type":"object","properties":{"ready":{"type":"boolean"}}}}})";

std::string widget(const std::string& spec, const std::string& rest = "") {
  return R"({"kind":"Widget","apiVersion":"acme.io/v1","metadata":{"name":"w"},"spec":)" + spec + rest + "}";
}

TEST(Decode, DropsWhatTheSchemaDoesNotKnow) {
  auto resource = resource_of(schema);
  json::Value object =
      parsed(widget(R"({"zzz":1,"open":{"kept":true},"list":[{"k":"v","extra":1}],"n":null})", R"(,"other":{})"));
  auto decoded = decode(object, *resource, FieldValidation::warn);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->warnings, (Lines{R"(unknown field "other")", R"(unknown field "spec.list[0].extra")",
                                      R"(unknown field "spec.zzz")"}));
  EXPECT_EQ(*json::find(object, "spec"),
            parsed(R"({"a":"x","o":{"p":1,"q":7},"open":{"kept":true},"list":[{"k":"v"}]})"));
  EXPECT_FALSE(json::find(object, "other"));
}

TEST(Decode, RefusesStrictly) {
  auto resource = resource_of(schema);
  json::Value object = parsed(widget(R"({"zzz":1})"));
  auto decoded =
      decode(object, *resource, FieldValidation::strict, {.text = R"({"spec":{"a":1,"a":2}})", .duplicates = true});
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().text, R"(strict decoding error: duplicate field "spec.a", unknown field "spec.zzz")");
}

TEST(Decode, ChecksMetadata) {
  auto resource = resource_of(schema);
  json::Value object =
      parsed(R"({"kind":"Widget","apiVersion":"acme.io/v1","metadata":{"name":"w","labels":{"a":1}}})");
  auto decoded = decode(object, *resource, FieldValidation::ignore);
  ASSERT_FALSE(decoded);
  EXPECT_THAT(decoded.error().text, HasSubstr("json: cannot unmarshal number into Go struct field ObjectMeta"));
}

TEST(Decode, DefaultsOverForbiddenNull) {
  auto resource = resource_of(schema);
  json::Value object = parsed(widget(R"({"a":null})"));
  ASSERT_TRUE(decode(object, *resource, FieldValidation::ignore));
  EXPECT_EQ(json::string_at(object, {"spec", "a"}), "x");
}

TEST(Prepare, KeepsStatusApart) {
  auto resource = resource_of(schema, R"(,"subresources":{"status":{}})");
  json::Value made = parsed(widget("{}", R"(,"status":{"ready":true})"));
  crd::prepare_for_create(made, *resource);
  EXPECT_FALSE(json::find(made, "status"));
  EXPECT_EQ(json::int_at(made, {"metadata", "generation"}), 1);

  json::Value before =
      parsed(R"({"kind":"Widget","metadata":{"name":"w","generation":3},"spec":{"n":1},"status":{"ready":false}})");
  json::Value main = parsed(R"({"kind":"Widget","metadata":{"name":"w"},"spec":{"n":2},"status":{"ready":true}})");
  crd::prepare_for_update(main, before, *resource, "");
  EXPECT_EQ(json::int_at(main, {"metadata", "generation"}), 4);
  EXPECT_FALSE(json::bool_at(main, {"status", "ready"}));

  json::Value status =
      parsed(R"({"kind":"Widget","metadata":{"name":"w","labels":{}},"spec":{"n":9},"status":{"ready":true}})");
  crd::prepare_for_update(status, before, *resource, "status");
  EXPECT_EQ(json::int_at(status, {"spec", "n"}), 1);
  EXPECT_TRUE(json::bool_at(status, {"status", "ready"}));
  EXPECT_EQ(json::int_at(status, {"metadata", "generation"}), 3);
}

struct RuleRow {
  std::string name, property, value, old_value;
  Lines errors;
};

class RuleRows : public testing::TestWithParam<RuleRow> {};

TEST_P(RuleRows, AreEvaluated) {
  const RuleRow& row = GetParam();
  auto resource = resource_of(R"({"type":"object","properties":{"a":)" + row.property + "}}");
  auto object = [](const std::string& value) {
    return parsed(R"({"kind":"Widget","apiVersion":"acme.io/v1","metadata":{"name":"w","namespace":"n","uid":"u",)"
                  R"("resourceVersion":"1","creationTimestamp":"2026-01-01T00:00:00Z"},"a":)" +
                  value + "}");
  };
  json::Value now = object(row.value);
  if (row.old_value.empty()) {
    EXPECT_EQ(lines(crd::validate_create(now, *resource)), row.errors);
    return;
  }
  json::Value before = object(row.old_value);
  EXPECT_EQ(lines(crd::validate_update(now, before, *resource, "")), row.errors);
}

const std::string ruled = R"(,"x-kubernetes-validations":[)";

INSTANTIATE_TEST_SUITE_P(
    Rows, RuleRows,
    testing::Values(
        RuleRow{"text_shows_the_value",
                R"({"type":"string","maxLength":9)" + ruled + R"({"rule":"self != 'b'"}]})",
                R"("b")",
                "",
                {R"(a: Invalid value: "b": failed rule: self != 'b')"}},
        RuleRow{"object_does_not",
                R"({"type":"object","properties":{"x":{"type":"string"}})" + ruled +
                    R"~({"rule":"has(self.x)","message":" no x "}]})~",
                "{}",
                "",
                {"a: Invalid value: no x"}},
        RuleRow{"reason_and_path",
                R"({"type":"object","properties":{"x":{"type":"integer"}})" + ruled +
                    R"({"rule":"self.x > 1","reason":"FieldValueRequired","fieldPath":".x","message":"more"}]})",
                R"({"x":1})",
                "",
                {"a.x: Required value: more"}},
        RuleRow{"no_such_key",
                R"({"type":"object","properties":{"x":{"type":"integer"}})" + ruled + R"({"rule":"self.x > 1"}]})",
                "{}",
                "",
                {R"(a: Invalid value: "object": no such key: x evaluating rule: self.x > 1)"}},
        RuleRow{
            "message_expression",
            R"({"type":"integer")" + ruled + R"~({"rule":"self < 3","messageExpression":"'is ' + string(self)"}]})~",
            "5",
            "",
            {"a: Invalid value: 5: is 5"}},
        RuleRow{"transition_needs_an_old_value",
                R"({"type":"integer")" + ruled + R"({"rule":"self >= oldSelf"}]})",
                "5",
                "",
                {}},
        RuleRow{"transition",
                R"({"type":"integer")" + ruled + R"({"rule":"self >= oldSelf"}]})",
                "4",
                "5",
                {"a: Invalid value: 4: failed rule: self >= oldSelf"}},
        RuleRow{
            "optional_old_self",
            R"({"type":"integer")" + ruled + R"~({"optionalOldSelf":true,"rule":"oldSelf.hasValue() || self == 1"}]})~",
            "4",
            "",
            {"a: Invalid value: 4: failed rule: oldSelf.hasValue() || self == 1"}},
        RuleRow{"unchanged_may_stay", R"({"type":"integer")" + ruled + R"({"rule":"self < 3"}]})", "5", "5", {}},
        RuleRow{"not_asked_of_wrong_shapes",
                R"({"type":"integer")" + ruled + R"({"rule":"self < 3"}]})",
                R"("x")",
                "",
                {R"(a: Invalid value: "string": a in body must be of type integer: "string")",
                 "<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; "
                 "correct the existing errors to complete validation"}}),
    [](const auto& row) { return row.param.name; });

TEST(Scale, ReplicasMustBeCountable) {
  auto resource = resource_of(schema, R"(,"subresources":{"scale":{"specReplicasPath":".spec.n",)"
                                      R"("statusReplicasPath":".status.n"}})");
  json::Value object =
      parsed(R"({"kind":"Widget","apiVersion":"acme.io/v1","metadata":{"name":"w","namespace":"n"},"spec":{"n":-1}})");
  EXPECT_EQ(lines(crd::validate_create(object, *resource)),
            Lines{".spec.n: Invalid value: -1: should be a non-negative integer"});
}

}  // namespace
}  // namespace gatepost::kube::crd
