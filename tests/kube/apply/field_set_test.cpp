#include "kube/apply/field_set.h"

#include <gtest/gtest.h>

#include "json/parse.h"
#include "json/write.h"
#include "kube/apply/fields_v1.h"

namespace gatepost::kube::apply {
namespace {

// Sets as FieldsV1 texts; the documents live as long as this.
class Sets {
 public:
  FieldSet read(std::string_view text) {
    auto parsed = json::parse(text, arena_);
    EXPECT_TRUE(parsed) << text;
    documents_.push_back(std::make_unique<json::Value>(std::move(*parsed)));
    auto set = read_fields(nodes, *documents_.back());
    EXPECT_TRUE(set) << text << ": " << set.error().text;
    return set ? *set : nullptr;
  }
  static std::string text(FieldSet set) { return json::write(write_fields(set, json::Storage())); }

  FieldArena nodes;

 private:
  json::Storage arena_ = json::make_arena();
  std::vector<std::unique_ptr<json::Value>> documents_;
};

TEST(FieldSet, IsWrittenInOrder) {
  struct Row {
    std::string_view given, written;
  };
  constexpr Row rows[] = {
      {"{}", "{}"},
      {R"({"f:b":{},"f:a":{".":{}}})", R"({"f:a":{},"f:b":{}})"},
      {R"({"f:a":{"f:y":{},".":{},"f:x":{}}})", R"({"f:a":{".":{},"f:x":{},"f:y":{}}})"},
      {R"({"v:\"b\"":{},"v:2":{},"k:{\"name\":\"a\"}":{},"f:z":{},"i:10":{},"i:9":{},"v:\"a\"":{}})",
       R"({"f:z":{},"k:{\"name\":\"a\"}":{},"v:2":{},"v:\"a\"":{},"v:\"b\"":{},"i:9":{},"i:10":{}})"},
      // Keys compare as values: numbers as numbers, texts by what they say.
      {R"({"k:{\"port\":443}":{},"k:{\"port\":80}":{}})", R"({"k:{\"port\":80}":{},"k:{\"port\":443}":{}})"},
      {R"({"k:{\"name\":\"a b\"}":{},"k:{\"name\":\"a\"}":{}})",
       R"({"k:{\"name\":\"a\"}":{},"k:{\"name\":\"a b\"}":{}})"},
      {R"({"k:{ \"b\" : 1.0, \"a\" : true }":{}})", R"({"k:{\"a\":true,\"b\":1}":{}})"},
      {R"({"z:new":{},"f:a":{}})", R"({"f:a":{}})"},
      {R"({"f:a":null})", R"({"f:a":{}})"},
  };
  for (const Row& row : rows) {
    Sets sets;
    EXPECT_EQ(Sets::text(sets.read(row.given)), row.written);
  }
}

TEST(FieldSet, SaysWhatCannotBeRead) {
  const std::string deep = [] {
    std::string text = "{}";
    for (std::size_t i = 0; i < max_fields_depth + 2; ++i) text = "{\"f:a\":" + text + "}";
    return text;
  }();
  for (const std::string& text : {std::string(R"({"a":{}})"), std::string(R"({"fa":{}})"), std::string(R"({"k:1":{}})"),
                                  std::string(R"({"k:{":{}})"), std::string(R"({"v:x":{}})"),
                                  std::string(R"({"i:x":{}})"), std::string(R"({"f:a":1})"), deep}) {
    auto parsed = json::parse(text, json::Storage());
    ASSERT_TRUE(parsed) << text;
    FieldArena arena;
    EXPECT_FALSE(read_fields(arena, *parsed)) << text;
  }
}

TEST(FieldSet, Operations) {
  struct Row {
    std::string_view left, right, both, common, less, deep_less;
  };
  constexpr Row rows[] = {
      {"{}", R"({"f:a":{}})", R"({"f:a":{}})", "{}", "{}", "{}"},
      {R"({"f:a":{},"f:b":{}})", R"({"f:b":{},"f:c":{}})", R"({"f:a":{},"f:b":{},"f:c":{}})", R"({"f:b":{}})",
       R"({"f:a":{}})", R"({"f:a":{}})"},
      // A parent is not its children.
      {R"({"f:a":{".":{},"f:x":{}}})", R"({"f:a":{}})", R"({"f:a":{".":{},"f:x":{}}})", R"({"f:a":{}})",
       R"({"f:a":{"f:x":{}}})", "{}"},
      {R"({"f:a":{"f:x":{},"f:y":{}}})", R"({"f:a":{"f:y":{}}})", R"({"f:a":{"f:x":{},"f:y":{}}})",
       R"({"f:a":{"f:y":{}}})", R"({"f:a":{"f:x":{}}})", R"({"f:a":{"f:x":{}}})"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(std::string(row.left) + " and " + std::string(row.right));
    Sets sets;
    FieldSet left = sets.read(row.left), right = sets.read(row.right);
    EXPECT_EQ(Sets::text(unite(sets.nodes, left, right)), row.both);
    EXPECT_EQ(Sets::text(intersect(sets.nodes, left, right)), row.common);
    EXPECT_EQ(Sets::text(subtract(sets.nodes, left, right)), row.less);
    EXPECT_EQ(Sets::text(subtract_deep(sets.nodes, left, right)), row.deep_less);
    EXPECT_TRUE(equal(unite(sets.nodes, left, right), unite(sets.nodes, right, left)));
  }
}

TEST(FieldSet, PathsArePrintedAsInConflicts) {
  Sets sets;
  FieldSet set = sets.read(
      R"({"f:a":{".":{},"k:{\"containerPort\":80,\"protocol\":\"TCP\"}":{"f:x":{}},"v:\"q\\\"\"":{},"v:true":{},"i:3":{}},"f:b":{}})");
  std::vector<std::string> paths;
  for_each(set, [&](Path path) {
    paths.push_back(printed(path));
    EXPECT_TRUE(contains(set, path));
  });
  EXPECT_EQ(paths, (std::vector<std::string>{".a", ".b", R"(.a[="q\""])", ".a[=true]", ".a[3]",
                                             R"(.a[containerPort=80,protocol="TCP"].x)"}));
}

}  // namespace
}  // namespace gatepost::kube::apply
