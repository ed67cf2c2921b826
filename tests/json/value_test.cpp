#include "json/value.h"

#include <gtest/gtest.h>

#include "json/parse.h"

namespace gatepost::json {
namespace {

Value parsed(std::string_view text) {
  auto value = parse(text, make_arena());
  EXPECT_TRUE(value) << text;
  return value ? std::move(*value) : Value();
}

TEST(Value, FindsMembersOfSmallAndOfLargeObjects) {
  for (int size : {0, 1, 18, 19, 100}) {
    Value value = Object();
    for (int i = 0; i < size; ++i) value.get_object()["key" + std::to_string(i)] = i;
    for (int i = 0; i < size; ++i) {
      const Value* found = find(value, "key" + std::to_string(i));
      ASSERT_TRUE(found) << size << ' ' << i;
      EXPECT_EQ(*found, i);
    }
    EXPECT_FALSE(find(value, "key")) << size;
    EXPECT_FALSE(find(value, "key" + std::to_string(size))) << size;
  }
  EXPECT_FALSE(find(parsed("[1]"), "key"));
}

TEST(Value, EqualIsThatOfTheOperatorWhateverTheOrder) {
  struct Row {
    const char *left, *right;
    bool equal;
  };
  for (const Row& row : {
           Row{"null", "null", true},
           Row{"1", "1", true},
           Row{"1", "1.0", false},
           Row{"\"a\"", "\"b\"", false},
           Row{"{}", "[]", false},
           Row{"[1,2]", "[1,2]", true},
           Row{"[1,2]", "[2,1]", false},
           Row{"[1]", "[1,2]", false},
           Row{R"({"a":1,"b":{"c":[]}})", R"({"a":1,"b":{"c":[]}})", true},
           Row{R"({"a":1,"b":{"c":[]}})", R"({"b":{"c":[]},"a":1})", true},
           Row{R"({"a":1,"b":{"c":[]}})", R"({"b":{"c":[0]},"a":1})", false},
           Row{R"({"a":1})", R"({"a":1,"b":2})", false},
           Row{R"({"a":1,"b":2})", R"({"a":1,"c":2})", false},
       }) {
    Value left = parsed(row.left), right = parsed(row.right);
    EXPECT_EQ(equal(left, right), row.equal) << row.left << ' ' << row.right;
    EXPECT_EQ(left == right, row.equal) << row.left << ' ' << row.right;
  }
}

}  // namespace
}  // namespace gatepost::json
