#include <gtest/gtest.h>

#include "json/write.h"
#include "kube/apply/field_manager.h"
#include "kube/crd/support.h"

namespace gatepost::kube::apply {
namespace {

constexpr const char* schema = R"({"type":"object","properties":{
  "spec":{"type":"object","properties":{
    "ports":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["port","protocol"],
      "items":{"type":"object","required":["port"],"properties":{
        "port":{"type":"integer"},"protocol":{"type":"string","default":"TCP"},"name":{"type":"string"}}}},
    "tags":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},
    "args":{"type":"array","items":{"type":"string"}},
    "whole":{"type":"object","x-kubernetes-map-type":"atomic","additionalProperties":{"type":"string"}},
    "labels":{"type":"object","additionalProperties":{"type":"string"}},
    "limit":{"x-kubernetes-int-or-string":true},
    "open":{"type":"object","x-kubernetes-preserve-unknown-fields":true,"properties":{"known":{"type":"string"}}}}},
  "status":{"type":"object","properties":{"ready":{"type":"boolean"}}}}})";

class CustomApply : public testing::Test {
 protected:
  std::shared_ptr<const ResourceInfo> resource = crd::resource_of(schema);

  ApiResult<json::Value> applied(const json::Value* live, const std::string& spec, const std::string& manager,
                                 Force force = Force::no) {
    json::Value object =
        crd::parsed(R"({"apiVersion":"acme.io/v1","kind":"Widget","metadata":{"name":"w"},"spec":)" + spec + "}");
    const Writer writer{{{"acme.io", "v1", "Widget"}, resource->definition.get()}, "", manager, {}};
    return apply(live, object, writer, force);
  }
  static std::string spec_of(const json::Value& object) {
    const json::Value* spec = json::find(object, "spec");
    return spec ? json::write(*spec) : "";
  }
};

TEST_F(CustomApply, ListsMergeAsTheSchemaSays) {
  struct Row {
    const char *first, *second, *expected;
  };
  const Row rows[] = {
      {R"({"ports":[{"port":80,"protocol":"TCP","name":"a"}]})", R"({"ports":[{"port":81,"protocol":"TCP"}]})",
       R"({"ports":[{"port":80,"protocol":"TCP","name":"a"},{"port":81,"protocol":"TCP"}]})"},
      // A key that is left out is its default.
      {R"({"ports":[{"port":80,"protocol":"TCP"}]})", R"({"ports":[{"port":80,"name":"a"}]})",
       R"({"ports":[{"port":80,"protocol":"TCP","name":"a"}]})"},
      {R"({"tags":["a"]})", R"({"tags":["b"]})", R"({"tags":["a","b"]})"},
      {R"({"labels":{"a":"1"}})", R"({"labels":{"b":"2"}})", R"({"labels":{"a":"1","b":"2"}})"},
      {R"({"open":{"x":{"y":1}}})", R"({"open":{"x":{"z":2},"known":"k"}})",
       R"({"open":{"x":{"y":1,"z":2},"known":"k"}})"},
      {R"({"limit":1})", R"({"tags":["a"]})", R"({"limit":1,"tags":["a"]})"},
  };
  for (const Row& row : rows) {
    auto first = applied(nullptr, row.first, "one");
    ASSERT_TRUE(first) << first.error().message;
    auto second = applied(&*first, row.second, "two");
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_EQ(spec_of(*second), row.expected);
  }
}

TEST_F(CustomApply, WhatIsAtomicIsFoughtFor) {
  const std::pair<const char*, const char*> rows[] = {
      {R"({"args":["a"]})", R"({"args":["b"]})"},
      {R"({"whole":{"a":"1"}})", R"({"whole":{"b":"1"}})"},
      {R"({"limit":1})", R"({"limit":"1"})"},
  };
  for (const auto& [first, second] : rows) {
    auto live = applied(nullptr, first, "one");
    ASSERT_TRUE(live);
    auto refused = applied(&*live, second, "two");
    ASSERT_FALSE(refused) << second;
    EXPECT_EQ(refused.error().code, 409);
    auto forced = applied(&*live, second, "two", Force::yes);
    ASSERT_TRUE(forced);
    EXPECT_EQ(spec_of(*forced), second);
  }
}

TEST_F(CustomApply, WhatIsLeftOutGoesAway) {
  auto live = applied(nullptr, R"({"labels":{"a":"1","b":"2"},"tags":["x"]})", "one");
  ASSERT_TRUE(live);
  auto next = applied(&*live, R"({"labels":{"b":"2"}})", "one");
  ASSERT_TRUE(next);
  EXPECT_EQ(spec_of(*next), R"({"labels":{"b":"2"}})");
}

TEST_F(CustomApply, FieldsThatTheSchemaLacksAreRefused) {
  auto refused = applied(nullptr, R"({"bogus":1})", "one");
  ASSERT_FALSE(refused);
  EXPECT_EQ(
      refused.error().message,
      "failed to create typed patch object (/w; acme.io/v1, Kind=Widget): .spec.bogus: field not declared in schema");
}

}  // namespace
}  // namespace gatepost::kube::apply
