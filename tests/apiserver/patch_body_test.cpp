#include "apiserver/patch_body.h"

#include <gtest/gtest.h>

namespace gatepost::apiserver {
namespace {

using kube::FieldValidation;
using kube::PatchType;

TEST(PatchBody, RefusesInTheWordsOfThePatchHandler) {
  struct Row {
    PatchType type;
    FieldValidation validation;
    std::string_view text, error;
  };
  constexpr auto strict = FieldValidation::strict, warn = FieldValidation::warn, ignore = FieldValidation::ignore;
  constexpr Row rows[] = {
      {PatchType::json, warn, "{}",
       "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp"},
      {PatchType::json, ignore, "{}", "json: cannot unmarshal object into Go value of type jsonpatch.Patch"},
      {PatchType::json, strict, "[1]",
       "error decoding patch: json: cannot unmarshal number into Go value of type handlers.jsonPatchOp"},
      {PatchType::json, warn, R"([{"op":"add","path":5}])",
       "error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.path of type string"},
      {PatchType::json, ignore, "[", "unexpected end of JSON input"},
      {PatchType::merge, warn, "[]",
       "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}"},
      {PatchType::merge, ignore, "[]", "Invalid JSON Patch"},
      {PatchType::merge, warn, "x", "error decoding patch: invalid character 'x' looking for beginning of value"},
      {PatchType::strategic, warn, "x", "invalid character 'x' looking for beginning of value"},
      {PatchType::strategic, strict, "5",
       "json: cannot unmarshal number into Go value of type map[string]interface {}"},
  };
  for (const Row& row : rows) {
    auto read = read_patch(row.text, json::Storage(), row.type, row.validation);
    ASSERT_FALSE(read) << row.text;
    EXPECT_EQ(read.error().message, row.error) << row.text;
    EXPECT_EQ(read.error().code, 400);
  }
}

TEST(PatchBody, ComplainsOfWhatThePatchItselfHas) {
  struct Row {
    PatchType type;
    std::string_view text;
    std::vector<std::string> complaints;
  };
  const Row rows[] = {
      {PatchType::json,
       R"([{"op":"add","path":"/a","op":"test"},{"op":"add","x":1}])",
       {R"(json patch duplicate field "[0].op")", R"(json patch unknown field "[1].x")"}},
      {PatchType::merge, R"({"data":{"a":"1","a":"2"},"foo":1})", {R"(duplicate field "data.a")"}},
      {PatchType::strategic, R"({"data":{"a":"1"},"data":{}})", {R"(duplicate field "data")"}},
      {PatchType::strategic, "null", {}},
  };
  for (const Row& row : rows) {
    auto read = read_patch(row.text, json::Storage(), row.type, FieldValidation::warn);
    ASSERT_TRUE(read) << row.text;
    EXPECT_EQ(read->complaints, row.complaints) << row.text;
    auto silent = read_patch(row.text, json::Storage(), row.type, FieldValidation::ignore);
    ASSERT_TRUE(silent);
    EXPECT_TRUE(silent->complaints.empty());
  }
}

}  // namespace
}  // namespace gatepost::apiserver
