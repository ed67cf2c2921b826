#include "json/write.h"

#include <gtest/gtest.h>

#include "json/parse.h"

namespace gatepost::json {
namespace {

struct Row {
  const char* in;
  const char* out;
};

class WriteAsGo : public testing::TestWithParam<Row> {};

TEST_P(WriteAsGo, Equals) {
  auto value = parse(GetParam().in, make_arena());
  ASSERT_TRUE(value) << value.error().text;
  EXPECT_EQ(write(*value), GetParam().out);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, WriteAsGo,
    testing::Values(Row{"1.0", "1"}, Row{"1e21", "1e+21"}, Row{"1e20", "100000000000000000000"},
                    Row{"0.0000001", "1e-7"}, Row{"0.1", "0.1"}, Row{"-0.0", "-0"},
                    Row{"9007199254740993", "9007199254740993"}, Row{"18446744073709551615", "18446744073709551615"},
                    Row{R"({ "b" : 1, "a" : [true, null] })", R"({"b":1,"a":[true,null]})"},
                    Row{"\"a\x7f\xff\"", "\"a\x7f\xef\xbf\xbd\""},
                    Row{R"("<a> & \u2028 \u0001 \" \\ \n")", R"("\u003ca\u003e \u0026 \u2028 \u0001 \" \\ \n")"}));

}  // namespace
}  // namespace gatepost::json
