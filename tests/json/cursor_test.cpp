#include "json/cursor.h"

#include <gtest/gtest.h>
#include <vector>

namespace gatepost::json {
namespace {

TEST(Cursor, GoesThroughMembersAndItems) {
  Cursor cursor(R"( { "a" : 1.50 , "b\u0041":{"x":[1,"}"]} ,"c":[ ] } )");
  std::vector<std::string> seen;
  EXPECT_EQ(cursor.peek(), '{');
  for (cursor.open(); cursor.more();) {
    std::string own;
    std::string key(cursor.key(own));
    seen.push_back(key + "=" + std::string(cursor.value()));
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"a=1.50", R"(bA={"x":[1,"}"]})", "c=[ ]"}));
}

TEST(Cursor, StepsIntoWhatIsInside) {
  Cursor cursor(R"([[],[ 1e3 ,"a\"b"],null])");
  std::vector<std::string> seen;
  for (cursor.open(); cursor.more();) {
    if (cursor.peek() != '[') {
      seen.emplace_back(cursor.value());
      continue;
    }
    for (cursor.open(); cursor.more();) seen.emplace_back(cursor.value());
    seen.emplace_back("|");
  }
  EXPECT_EQ(seen, (std::vector<std::string>{"|", "1e3", R"("a\"b")", "|", "null"}));
}

}  // namespace
}  // namespace gatepost::json
