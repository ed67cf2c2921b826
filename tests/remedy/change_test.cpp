#include "remedy/change.h"

#include <gtest/gtest.h>

#include "json/parse.h"
#include "json/write.h"

namespace gatepost::remedy {
namespace {

json::Value value(std::string_view text) {
  return *json::parse(text, json::make_arena());
}

std::string listed(const std::vector<Change>& changes) {
  std::string out;
  for (const Change& change : changes)
    out += path_text(change.path) + ":" + (change.before ? json::write(*change.before) : "-") + ">" +
           (change.after ? json::write(*change.after) : "-") + " ";
  return out;
}

TEST(Change, IsFoundFieldByField) {
  struct Row {
    const char *name, *before, *after, *changes;
  };
  const Row rows[] = {
      {"nothing", R"({"a":1})", R"({"a":1})", ""},
      {"a field", R"({"a":{"b":1,"c":2}})", R"({"a":{"b":3,"c":2}})", "a.b:1>3 "},
      {"a new one", R"({})", R"({"a":"x"})", "a:->\"x\" "},
      {"one that goes", R"({"a":"x"})", R"({})", "a:\"x\">- "},
      {"items by name", R"({"w":[{"name":"p.io","t":1},{"name":"q","t":1}]})",
       R"({"w":[{"name":"p.io","t":1},{"name":"q","t":2}]})", "w[q].t:1>2 "},
      {"an item that goes", R"({"w":[{"name":"p","t":1},{"name":"q"}]})", R"({"w":[{"name":"q"}]})",
       "w[p]:{\"name\":\"p\",\"t\":1}>- "},
      {"other lists as one", R"({"w":[1,2]})", R"({"w":[1]})", "w:[1,2]>[1] "},
      {"what the server writes is left out", R"({"metadata":{"resourceVersion":"1","generation":1},"status":{"a":1}})",
       R"({"metadata":{"resourceVersion":"2","generation":2},"status":{"a":2}})", ""},
      {"a new map of annotations by member", R"({"metadata":{}})", R"({"metadata":{"annotations":{"a.io/b":"1"}}})",
       "metadata.annotations[a.io/b]:->\"1\" "},
  };
  for (const Row& row : rows) {
    const json::Value before = value(row.before), after = value(row.after);
    const auto changes = changes_between(before, after);
    EXPECT_EQ(listed(changes), row.changes) << row.name;
    json::Value made(before, json::Storage());
    make_changes(changes, made);
    EXPECT_TRUE(changes_between(made, after).empty()) << row.name;
    make_changes(inverse(changes), made);
    EXPECT_TRUE(changes_between(made, before).empty()) << row.name << ": " << json::write(made);
  }
}

TEST(Change, HoldsOnAnObjectThatOthersTouchedElsewhere) {
  const auto changes = changes_between(value(R"({"a":1,"b":1})"), value(R"({"a":2,"b":1})"));
  EXPECT_TRUE(still_holds(changes, value(R"({"a":1,"b":7})")));
  EXPECT_TRUE(still_holds(changes, value(R"({"a":2})")));
  EXPECT_FALSE(still_holds(changes, value(R"({"a":3})")));
}

TEST(Change, IsUndoneThreeWay) {
  struct Row {
    const char *name, *current, *back, *already, *conflicts, *others;
  };
  const json::Value before = value(R"({"a":1,"b":1,"c":1})"), after = value(R"({"a":2,"b":1,"c":2})");
  const Row rows[] = {
      {"untouched", R"({"a":2,"b":1,"c":2})", "a:2>1 c:2>1 ", "", "", ""},
      {"one is back already", R"({"a":1,"b":1,"c":2})", "c:2>1 ", "a:1>2 ", "", ""},
      {"one was changed by somebody", R"({"a":5,"b":1,"c":2})", "c:2>1 ", "", "a:5>1 ", ""},
      {"another field was changed", R"({"a":2,"b":9,"c":2})", "a:2>1 c:2>1 ", "", "", "b:1>9 "},
  };
  for (const Row& row : rows) {
    const Undo undo = undo_of(before, after, value(row.current));
    EXPECT_EQ(listed(undo.back), row.back) << row.name;
    EXPECT_EQ(listed(undo.already), row.already) << row.name;
    EXPECT_EQ(listed(undo.conflicts), row.conflicts) << row.name;
    EXPECT_EQ(listed(undo.others), row.others) << row.name;
  }
}

TEST(Change, AnEmptiedMapOfAnnotationsGoesWithItsLastMember) {
  json::Value object = value(R"({"metadata":{"name":"x","annotations":{"a":"1"}}})");
  make_changes(changes_between(object, value(R"({"metadata":{"name":"x"}})")), object);
  EXPECT_EQ(json::write(object), R"({"metadata":{"name":"x"}})");
}

}  // namespace
}  // namespace gatepost::remedy
