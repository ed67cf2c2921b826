#include "kube/apply/field_manager.h"

#include <gtest/gtest.h>

#include "json/parse.h"
#include "json/write.h"
#include "kube/apply/manager_name.h"
#include "kube/apply/managers.h"
#include "kube/apply/reset_fields.h"
#include "kube/apply/scale.h"

namespace gatepost::kube::apply {
namespace {

json::Value parsed(std::string_view text) {
  auto value = json::parse(text, json::Storage());
  EXPECT_TRUE(value) << text;
  return *value;
}

const GroupVersionKind config_map{"", "v1", "ConfigMap"};

Writer writer(std::string manager, int second = 0) {
  return {config_map, "", std::move(manager), WallTime(std::chrono::seconds(1'767'225'600 + second))};
}

std::string managed(const json::Value& object) {
  const json::Value* entries = json::find_path(object, {"metadata", "managedFields"});
  return entries ? json::write(*entries) : "none";
}

TEST(FieldManager, NamesTheManagerByTheUserAgent) {
  struct Row {
    std::string agent, manager;
  };
  const Row rows[] = {
      {"kubectl/v1.36.0 (linux/amd64) kubernetes/abc", "kubectl"},
      {"curl", "curl"},
      {"", ""},
      {"/x", ""},
      {"a\tb\x01"
       "c/1",
       "abc"},
      {"a b/1", "a b"},
      {"h\xc3\xa9llo/1", "h\xc3\xa9llo"},
      {std::string(200, 'x'), std::string(128, 'x')},
      {std::string(127, 'x') + "\xc3\xa9", std::string(127, 'x')},
  };
  for (const Row& row : rows) EXPECT_EQ(manager_of_user_agent(row.agent), row.manager) << row.agent;
}

TEST(FieldManager, AWriteThatChangesNothingKeepsTheTimes) {
  json::Value first = parsed(R"({"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a"},"data":{"x":"1"}})");
  track_update(nullptr, first, writer("a"));
  json::Value second = first;
  track_update(&first, second, writer("b", 5));
  EXPECT_EQ(first, second);
  second.get_object()["data"].get_object()["x"] = "2";
  track_update(&first, second, writer("a", 5));
  EXPECT_EQ(
      managed(second),
      R"([{"manager":"a","operation":"Update","apiVersion":"v1","time":"2026-01-01T00:00:05Z","fieldsType":"FieldsV1","fieldsV1":{"f:data":{".":{},"f:x":{}}}}])");
}

TEST(FieldManager, SomeWritesTakeTheFieldsFromAll) {
  const json::Value live = [] {
    json::Value made = parsed(R"({"kind":"ConfigMap","apiVersion":"v1","metadata":{"uid":"u"},"data":{"x":"1"}})");
    track_update(nullptr, made, writer("a"));
    return made;
  }();
  struct Row {
    std::string_view given, result;
  };
  constexpr Row rows[] = {
      {"[]", "none"},
      {"[{}]", "none"},
      {R"([{"manager":"","operation":""}])", "none"},
      // What cannot be read, or names nobody, changes nothing.
      {R"([{"manager":"x"}])", "live"},
      {"null", "live"},
  };
  for (const Row& row : rows) {
    json::Value object = live;
    object.get_object()["metadata"].get_object()["managedFields"] = parsed(row.given);
    track_update(&live, object, writer("b", 9));
    EXPECT_EQ(managed(object), row.result == "live" ? managed(live) : row.result) << row.given;
  }
  // Through a subresource nobody can.
  json::Value object = live;
  object.get_object()["metadata"].get_object()["managedFields"] = parsed("[{}]");
  Writer status = writer("b");
  status.subresource = "status";
  track_update(&live, object, status);
  EXPECT_EQ(managed(object), managed(live));
}

TEST(FieldManager, NobodyOwnsUntilTheFirstApply) {
  const json::Value live = parsed(R"({"kind":"ConfigMap","apiVersion":"v1","metadata":{"uid":"u"},"data":{"x":"1"}})");
  json::Value object = live;
  object.get_object()["data"].get_object()["x"] = "2";
  track_update(&live, object, writer("b"));
  EXPECT_EQ(managed(object), "none");
}

TEST(FieldManager, SaysWhyManagedFieldsCannotBeRead) {
  struct Row {
    std::string_view entries, why;
  };
  constexpr Row rows[] = {
      {"[]", ""},
      {R"([{"operation":"Delete"}])", "operation must be `Apply` or `Update`"},
      {R"([{"operation":"Apply"}])", "apiVersion must not be empty"},
      {R"([{"operation":"Apply","apiVersion":"v1"}])", "missing fieldsType in managed fields entry 0"},
      {R"([{"operation":"Apply","apiVersion":"v1","fieldsType":"X"}])",
       "invalid fieldsType \"X\" in managed fields entry 0"},
      {R"([{"operation":"Apply","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":{"f:a":{}}}])", ""},
  };
  for (const Row& row : rows) {
    json::Value object = parsed("{\"metadata\":{\"managedFields\":" + std::string(row.entries) + "}}");
    EXPECT_EQ(unreadable_managed_fields(object), row.why);
  }
}

TEST(FieldManager, ListsAreEqualButForTimes) {
  const json::Value one = parsed(R"([{"manager":"a","time":"x","fieldsV1":{"f:a":{}}}])");
  EXPECT_TRUE(equal_but_times(one, parsed(R"([{"manager":"a","fieldsV1":{"f:a":{}}}])")));
  EXPECT_FALSE(equal_but_times(one, parsed(R"([{"manager":"b","time":"x","fieldsV1":{"f:a":{}}}])")));
  EXPECT_FALSE(equal_but_times(one, parsed(R"([{"manager":"a","time":"x","fieldsV1":{"f:b":{}}}])")));
  EXPECT_FALSE(equal_but_times(one, parsed("[]")));
}

TEST(Scale, OwnersOfReplicasGoThroughTheSubresource) {
  const json::Value entries = parsed(R"([
      {"manager":"ssa","operation":"Apply","apiVersion":"apps/v1","time":"t","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:replicas":{}}}},
      {"manager":"create","operation":"Update","apiVersion":"apps/v1","time":"t","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:replicas":{},"f:selector":{}}}},
      {"manager":"other","operation":"Update","apiVersion":"apps/v1","time":"t","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:selector":{}}}}])");
  json::Value scale = scale_entries(&entries, json::Storage());
  EXPECT_EQ(
      json::write(scale),
      R"([{"manager":"ssa","operation":"Apply","apiVersion":"autoscaling/v1","time":"t","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:replicas":{}}}},{"manager":"create","operation":"Update","apiVersion":"autoscaling/v1","time":"t","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:replicas":{}}}}])");
  const json::Value scaled = parsed(
      R"([{"manager":"kubectl","operation":"Update","apiVersion":"autoscaling/v1","time":"now","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:replicas":{}}},"subresource":"scale"}])");
  EXPECT_EQ(
      json::write(entries_after_scale(&entries, &scaled, "apps/v1", json::Storage())),
      R"([{"manager":"kubectl","operation":"Update","apiVersion":"apps/v1","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:replicas":{}}},"subresource":"scale"},{"manager":"create","operation":"Update","apiVersion":"apps/v1","time":"t","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:selector":{}}}},{"manager":"other","operation":"Update","apiVersion":"apps/v1","time":"t","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:selector":{}}}}])");
}

TEST(ResetFields, EndpointsOwnWhatTheyCanChange) {
  struct Row {
    GroupVersionKind kind;
    std::string_view subresource, object, owned;
  };
  const Row rows[] = {
      {{"", "v1", "Pod"},
       "",
       R"({"spec":{"hostname":"h"},"status":{"phase":"Running"}})",
       R"({"f:spec":{"f:hostname":{}}})"},
      {{"", "v1", "Pod"},
       "status",
       R"({"spec":{"hostname":"h"},"status":{"phase":"Running"}})",
       R"({"f:status":{"f:phase":{}}})"},
      {{"apps", "v1", "Deployment"},
       "status",
       R"({"metadata":{"labels":{"a":"b"},"annotations":{"a":"b"}},"status":{"replicas":1}})",
       R"({"f:metadata":{"f:annotations":{".":{},"f:a":{}}},"f:status":{"f:replicas":{}}})"},
      {{"", "v1", "Pod"},
       "resize",
       R"({"spec":{"hostname":"h","containers":[{"name":"c","image":"i","resources":{"limits":{"cpu":"1"}}}]}})",
       R"({"f:spec":{"f:containers":{"k:{\"name\":\"c\"}":{".":{},"f:resources":{".":{},"f:limits":{".":{},"f:cpu":{}}}}}}})"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.kind.kind + "/" + std::string(row.subresource));
    json::Value object = parsed(row.object);
    track_update(nullptr, object, {row.kind, std::string(row.subresource), "m", WallTime()});
    const json::Value entries = object.at("metadata").at("managedFields");
    EXPECT_EQ(json::write(entries.as_array()[0].at("fieldsV1")), row.owned);
  }
}

TEST(ResetFields, RowsAreChecked) {
  EXPECT_TRUE(parse_reset_fields("# x\n/Pod | not | status\n"));
  EXPECT_FALSE(parse_reset_fields("/Pod | never | status\n"));
  EXPECT_FALSE(parse_reset_fields("/Pod | not\n"));
}

}  // namespace
}  // namespace gatepost::kube::apply
