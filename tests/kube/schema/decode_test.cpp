#include <gtest/gtest.h>

#include "base/files.h"
#include "json/parse.h"
#include "json/write.h"
#include "kube/schema/object.h"
#include "kube/schema/print.h"
#include "yaml/convert.h"

namespace gatepost::kube {
namespace {

GroupVersionKind kind_of(const json::Value& row) {
  std::string api(json::string_at(row, {"apiVersion"})), group;
  if (std::size_t slash = api.find('/'); slash != std::string::npos) {
    group = api.substr(0, slash);
    api.erase(0, slash + 1);
  }
  return {group, api, std::string(json::string_at(row, {"kind"}))};
}

struct Read {
  json::Value object;
  DecodeSource source;
};

// As the server reads a body.
Read read(std::string_view text, bool is_yaml) {
  Read read;
  if (is_yaml) {
    auto tree = yaml::read(text);
    auto converted = yaml::convert(*tree, json::Storage());
    EXPECT_TRUE(converted) << converted.error().text;
    read.object = converted->value;
    if (std::string complaint = yaml::strict_complaint(converted->duplicates); !complaint.empty())
      read.source.complaints.push_back(std::move(complaint));
    return read;
  }
  auto parsed = json::parse_strict(text, json::Storage());
  EXPECT_TRUE(parsed) << parsed.error().text;
  read.object = std::move(parsed->value);
  read.source.text = text;
  read.source.duplicates = !parsed->duplicates.empty();
  return read;
}

std::vector<std::string> texts_of(const json::Value& row, std::string_view key) {
  std::vector<std::string> texts;
  if (const json::Array* list = json::array_at(row, {key}))
    for (const json::Value& text : *list) texts.emplace_back(json::view(text.as_string()));
  return texts;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : ", ") + part;
  return out;
}

// decode_rows.json: what Kubernetes' own Go types and decoder make of a document.
TEST(Decode, AsGoDecodesAndPrints) {
  auto text = files::read(std::string(TEST_DATA_DIR) + "/schema/decode_rows.json");
  ASSERT_TRUE(text);
  auto rows = json::parse(*text, json::Storage());
  ASSERT_TRUE(rows) << rows.error().text;
  for (const json::Value& row : rows->get_array()) {
    bool is_yaml = row.get_object().contains("yaml");
    std::string given(json::string_at(row, {is_yaml ? "yaml" : "json"}));
    SCOPED_TRACE(std::string(json::string_at(row, {"name"})) + ": " + given);
    GroupVersionKind kind = kind_of(row);
    Read document = read(given, is_yaml);
    auto decoded = decode(document.object, kind, FieldValidation::warn, document.source);
    std::string_view error = json::string_at(row, {"error"});
    if (!error.empty()) {
      ASSERT_FALSE(decoded) << json::write(document.object);
      EXPECT_EQ(decoded.error().text, error);
      continue;
    }
    ASSERT_TRUE(decoded) << decoded.error().text;
    EXPECT_EQ(decoded->warnings, texts_of(row, "strict"));
    json::Object& fields = document.object.get_object();
    fields["kind"] = kind.kind;
    fields["apiVersion"] = api_version(kind.group, kind.version);
    auto wanted = json::parse(json::string_at(row, {"object"}), json::Storage());
    ASSERT_TRUE(wanted);
    EXPECT_EQ(document.object, *wanted) << json::write(document.object) << "\n" << json::write(*wanted);
    std::string printed;
    print(document.object, PrintForm::decoded, printed);
    EXPECT_EQ(printed, json::string_at(row, {"object"}));

    // What was printed can be read, and once it was read nothing changes any more: a time of the year 1 is printed as
    // null, and null is no time.
    json::Value again = document.object;
    ASSERT_TRUE(decode(again, kind, FieldValidation::strict));
    json::Value third = again;
    ASSERT_TRUE(decode(third, kind, FieldValidation::strict));
    EXPECT_EQ(again, third) << json::write(again);

    Read strictly = read(given, is_yaml);
    auto strict = decode(strictly.object, kind, FieldValidation::strict, strictly.source);
    EXPECT_EQ(bool(strict), decoded->warnings.empty());
    if (!strict) EXPECT_EQ(strict.error().text, "strict decoding error: " + joined(decoded->warnings));

    Read silently = read(given, is_yaml);
    auto ignored = decode(silently.object, kind, FieldValidation::ignore, silently.source);
    ASSERT_TRUE(ignored);
    EXPECT_TRUE(ignored->warnings.empty());
  }
}

TEST(Decode, DefaultsInSchemasGoThroughAMap) {
  Read document =
      read(R"({"spec":{"versions":[{"schema":{"openAPIV3Schema":{"default":{"b":[{"z":1,"y":2}],"a":1}}}}]}})", false);
  ASSERT_TRUE(decode(document.object, {"apiextensions.k8s.io", "v1", "CustomResourceDefinition"},
                     FieldValidation::strict, document.source));
  EXPECT_NE(json::write(document.object).find(R"("default":{"a":1,"b":[{"y":2,"z":1}]})"), std::string::npos);
}

TEST(Decode, AtMostAHundredComplaints) {
  std::string text = "{";
  for (int i = 0; i < 300; ++i) text += (i ? ",\"f" : "\"f") + std::to_string(i) + "\":1";
  text += "}";
  Read document = read(text, false);
  auto decoded = decode(document.object, {"", "v1", "ConfigMap"}, FieldValidation::warn, document.source);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->warnings.size(), 100u);
  EXPECT_EQ(document.object, (json::Object{{"metadata", json::Object{}}}));
}

TEST(Decode, KindsWithoutATypeStayAsTheyAre) {
  json::Value object = json::parse(R"({"a":null,"b":""})", json::Storage()).value();
  json::Value before = object;
  ASSERT_TRUE(decode(object, {"e.com", "v1", "Widget"}, FieldValidation::strict));
  EXPECT_EQ(object, before);
}

}  // namespace
}  // namespace gatepost::kube
