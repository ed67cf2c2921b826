#include "kube/patch/from_unstructured.h"

#include <gtest/gtest.h>

#include "json/parse.h"
#include "json/write.h"
#include "kube/patch/patched_text.h"

namespace gatepost::kube {
namespace {

json::Value parsed(std::string_view text) {
  auto value = json::parse(text, json::make_arena());
  EXPECT_TRUE(value) << text;
  return value ? *value : json::Value();
}

TEST(FromUnstructured, ConvertsOrSaysWhatDoesNotFit) {
  struct Row {
    std::string_view pod, result;  // of spec
  };
  constexpr Row rows[] = {
      {R"({"hostname":"a"})", R"({"hostname":"a"})"},
      {R"({"hostname":null})", R"({"hostname":null})"},
      {R"({"hostname":1})", "cannot convert int64 to string"},
      {R"({"hostname":true})", "unrecognized type: string"},
      {R"({"hostname":1.5})", "unrecognized type: string"},
      {R"({"hostname":{}})", "unrecognized type: string"},
      {R"({"dnsPolicy":1})", "cannot convert int64 to v1.DNSPolicy"},
      {R"({"priority":2.0})", R"({"priority":2})"},
      {R"({"priority":2.5})", "cannot convert float64 to int32"},
      {R"({"priority":4294967297})", R"({"priority":1})"},
      {R"({"priority":"1"})", "unrecognized type: int32"},
      {R"({"activeDeadlineSeconds":"1"})", "unrecognized type: int64"},
      {R"({"hostNetwork":1})", "unrecognized type: bool"},
      {R"({"hostNetwork":"true"})", "unrecognized type: bool"},
      {R"({"nodeSelector":[]})", "cannot restore map from slice"},
      {R"({"nodeSelector":{"a":1}})", "cannot convert int64 to string"},
      {R"({"containers":{}})", "cannot restore slice from map"},
      {R"({"containers":["c"]})", "cannot restore struct from: string"},
      {R"({"securityContext":5})", "cannot restore struct from: int64"},
      {R"({"containers":[{"ports":[{"containerPort":"http"}]}]})", "unrecognized type: int32"},
      {R"({"overhead":{"cpu":"x"}})",
       "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"},
      {R"({"containers":[{"livenessProbe":{"httpGet":{"port":true}}}]})",
       "json: cannot unmarshal bool into Go value of type int32"},
      {R"({"unknown":1,"hostname":"b"})", R"({"unknown":1,"hostname":"b"})"},
      // The struct's order decides which complaint comes first: containers stand before hostname.
      {R"({"hostname":1,"containers":1})", "cannot restore slice from int64"},
  };
  for (const Row& row : rows) {
    json::Value pod = parsed("{\"spec\":" + std::string(row.pod) + "}");
    auto converted = from_unstructured(pod, {"", "v1", "Pod"});
    EXPECT_EQ(converted ? json::write(*json::find(pod, "spec")) : converted.error().text, row.result) << row.pod;
  }
}

TEST(FromUnstructured, TimesAndBytes) {
  json::Value secret = parsed(R"({"data":{"a":"%%"}})");
  EXPECT_EQ(from_unstructured(secret, {"", "v1", "Secret"}).error().text,
            "error decoding from json: illegal base64 data at input byte 0");
  secret = parsed(R"({"metadata":{"creationTimestamp":1}})");
  EXPECT_EQ(from_unstructured(secret, {"", "v1", "Secret"}).error().text,
            "json: cannot unmarshal number into Go value of type string");
  secret = parsed(R"({"metadata":{"creationTimestamp":"now"}})");
  EXPECT_EQ(from_unstructured(secret, {"", "v1", "Secret"}).error().text,
            R"(parsing time "now" as "2006-01-02T15:04:05Z07:00": cannot parse "now" as "2006")");
}

TEST(PatchedText, KeysAreSortedWhereThePatchWent) {
  struct Row {
    PatchType type;
    std::string_view document, patch, text;
  };
  constexpr Row rows[] = {
      {PatchType::merge, R"({"z":{"y":1,"x":2},"b":{"d":1,"c":2}})", R"({"b":{"c":2}})",
       R"({"b":{"c":2,"d":1},"z":{"y":1,"x":2}})"},
      {PatchType::merge, R"({"z":[{"y":1,"x":2}]})", R"({"z":[{"y":1,"x":2}]})", R"({"z":[{"x":2,"y":1}]})"},
      {PatchType::json, R"({"z":{"y":1,"x":2},"b":{"d":1,"c":2}})", R"([{"op":"add","path":"/b/c","value":2}])",
       R"({"b":{"c":2,"d":1},"z":{"y":1,"x":2}})"},
      {PatchType::json, R"({"l":[{"d":{"f":1,"e":2},"c":2}],"k":1})", R"([{"op":"add","path":"/l/0/c","value":2}])",
       R"({"k":1,"l":[{"c":2,"d":{"f":1,"e":2}}]})"},
      {PatchType::json, R"({"b":1,"a~/":{"d":1,"c":2}})", R"([{"op":"add","path":"/a~0~1/c","value":2}])",
       R"({"a~/":{"c":2,"d":1},"b":1})"},
  };
  for (const Row& row : rows) EXPECT_EQ(patched_text(parsed(row.document), row.type, parsed(row.patch)), row.text);
}

}  // namespace
}  // namespace gatepost::kube
