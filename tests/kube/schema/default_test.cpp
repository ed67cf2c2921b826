// What a new object becomes: rows of defaults_recorded.json were recorded from kube-apiserver 1.36, those of
// defaults_rows.json are worked out from its sources.
#include <cstdio>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/files.h"
#include "json/parse.h"
#include "json/write.h"
#include "kube/schema/default_image.h"
#include "kube/schema/default_rules.h"
#include "kube/schema/object.h"
#include "kube/validation/service.h"

namespace gatepost::kube {
namespace {

json::Value rows_of(const std::string& file) {
  auto text = files::read(std::string(TEST_DATA_DIR) + "/schema/" + file);
  EXPECT_TRUE(text);
  auto rows = json::parse(*text, json::Storage());
  EXPECT_TRUE(rows) << rows.error().text;
  return *rows;
}

// The way of a new object in the server, without admission and what the server itself adds.
json::Value created(json::Value object) {
  std::string api(json::string_at(object, {"apiVersion"})), group, version = api;
  if (std::size_t slash = api.find('/'); slash != std::string::npos) {
    group = api.substr(0, slash);
    version = api.substr(slash + 1);
  }
  std::string kind(json::string_at(object, {"kind"}));
  const ResourceInfo* resource = Registry::builtin()->find_kind(group, version, kind);
  EXPECT_TRUE(resource) << api << " " << kind;
  auto decoded = decode(object, {group, version, kind}, FieldValidation::strict);
  EXPECT_TRUE(decoded) << decoded.error().text;
  set_defaults(object, {group, version, kind});
  set_admission_defaults(object, {group, version, kind});
  object.get_object()["metadata"].get_object()["uid"] = "u";
  object.get_object()["metadata"].get_object()["creationTimestamp"] = "2026-11-25T10:00:00Z";
  if (resource->kind == "Service") EXPECT_TRUE(settle_service(object, nullptr).empty());
  prepare_for_create(object, *resource);
  json::Object& metadata = object.get_object()["metadata"].get_object();
  for (const char* field : {"uid", "creationTimestamp", "generation"}) metadata.erase(field);
  return object;
}

json::Value at_dotted(const json::Value& object, std::string_view path) {
  const json::Value* at = &object;
  while (at && !path.empty()) {
    std::string_view key = path.substr(0, path.find('.'));
    path.remove_prefix(std::min(key.size() + 1, path.size()));
    at = json::find(*at, key);
  }
  return at ? *at : json::Value(nullptr);
}

void expect_stored(const json::Value& row) {
  SCOPED_TRACE(std::string(json::string_at(row, {"name"})));
  json::Value object = created(row.at("given"));
  const json::Value& stored = row.at("stored");
  if (stored.get_object().contains("kind")) {
    EXPECT_EQ(object, stored) << json::write(object) << "\n" << json::write(stored);
    return;
  }
  for (const auto& entry : stored.get_object())
    EXPECT_EQ(at_dotted(object, entry.key()), entry.value()) << entry.key() << "\n" << json::write(object);
}

TEST(Defaults, AsRecorded) {
  const json::Value rows = rows_of("defaults_recorded.json");
  for (const json::Value& row : rows.get_array()) expect_stored(row);
}

TEST(Defaults, OfOtherKinds) {
  const json::Value rows = rows_of("defaults_rows.json");
  for (const json::Value& row : rows.get_array()) expect_stored(row);
}

TEST(Defaults, AreSetOnce) {
  const json::Value rows = rows_of("defaults_recorded.json");
  for (const json::Value& row : rows.get_array()) {
    json::Value object = created(row.at("given"));
    json::Value again = object;
    std::string api(json::string_at(object, {"apiVersion"}));
    std::size_t slash = api.find('/');
    set_defaults(again, {slash == std::string::npos ? "" : api.substr(0, slash),
                         slash == std::string::npos ? api : api.substr(slash + 1),
                         std::string(json::string_at(object, {"kind"}))});
    EXPECT_EQ(again, object) << json::string_at(row, {"name"});
  }
}

TEST(Defaults, TagOfAnImage) {
  struct Row {
    const char* image;
    bool latest;
  };
  const std::string digest = "sha256:" + std::string(64, 'a');
  const Row rows[] = {
      {"nginx", true},
      {"nginx:latest", true},
      {"nginx:1.27", false},
      {"library/nginx", true},
      {"registry.example.com/a/b", true},
      {"registry.example.com:5000/a/b", true},
      {"registry.example.com:5000/a/b:2", false},
      {"localhost/a", true},
      {"[fe80::1]:5000/a", true},
      {"a__b/c--d.e_f", true},
      {"", false},
      {"Nginx", false},
      {"a//b", false},
      {"a/", false},
      {"/a", false},
      {"a:", false},
      {"-a", false},
      {"a___b", false},
      {"a:latest ", false},
      {"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", false},
      {"HOST/a", true},
      {"host./a", false},
  };
  for (const Row& row : rows) EXPECT_EQ(asks_for_latest(row.image), row.latest) << row.image;
  EXPECT_FALSE(asks_for_latest("nginx@" + digest));
  EXPECT_TRUE(asks_for_latest("nginx:latest@" + digest));
  EXPECT_FALSE(asks_for_latest("nginx:latest@sha256:abc"));
}

TEST(Defaults, RulesThatCannotBeReadAreTold) {
  struct Row {
    const char *text, *error;
  };
  const Row rows[] = {
      {"  a = 1\n", "a rule before the first block:   a = 1"},
      {"sort A\n", "neither type nor kind nor a rule: sort A"},
      {"type A\n  a = {\n", "not JSON: a = {"},
      {"type A\n  a ! nothing_of_this_name\n", "no such hook: a ! nothing_of_this_name"},
      {"type A\n  a ~ 1\n", "not a rule: a ~ 1"},
  };
  for (const Row& row : rows) {
    auto parsed = DefaultCatalogue::parse(row.text);
    ASSERT_FALSE(parsed) << row.text;
    EXPECT_EQ(parsed.error().text, row.error);
  }
}

TEST(Defaults, ReachOfRules) {
  auto rules = DefaultCatalogue::parse(
      "kind g/v1 K\n  made+.a = 1\n  made.b = 2\n  there.a = 1\n  list[].a ?= 1\n  map{}.a = 1\n  inner : T\n"
      "type T\n  t = [1]\n");
  ASSERT_TRUE(rules) << rules.error().text;
  EXPECT_FALSE(rules->of_kind("g", "v2", "K"));
  ASSERT_TRUE(rules->of_kind("g", "v1", "K"));
  auto object = json::parse(R"({"list":[{},{"a":0},{"a":3},"x"],"map":{"x":{},"y":{"a":0}},"inner":{}})", {});
  apply_defaults(object->get_object(), *rules->of_kind("g", "v1", "K"));
  auto wanted = json::parse(
      R"({"list":[{"a":1},{"a":1},{"a":3},"x"],"map":{"x":{"a":1},"y":{"a":0}},"inner":{"t":[1]},"made":{"a":1,"b":2}})",
      {});
  EXPECT_EQ(*object, *wanted) << json::write(*object);
}

}  // namespace
}  // namespace gatepost::kube
