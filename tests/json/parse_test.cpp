#include "json/parse.h"

#include <gtest/gtest.h>

#include "json/write.h"

namespace gatepost::json {
namespace {

struct Refusal {
  std::string in;
  std::string text;
};

class RefuseAsGo : public testing::TestWithParam<Refusal> {};

TEST_P(RefuseAsGo, Equals) {
  auto value = parse(GetParam().in, make_arena());
  ASSERT_FALSE(value) << write(*value);
  EXPECT_EQ(value.error().text, GetParam().text);
}

// Recorded from Go 1.26's encoding/json.
INSTANTIATE_TEST_SUITE_P(
    Rows, RefuseAsGo,
    testing::Values(Refusal{"", "unexpected end of JSON input"}, Refusal{"  ", "unexpected end of JSON input"},
                    Refusal{"{", "unexpected end of JSON input"}, Refusal{"{\"a\"", "unexpected end of JSON input"},
                    Refusal{"{\"a\":", "unexpected end of JSON input"}, Refusal{"[1,", "unexpected end of JSON input"},
                    Refusal{"-", "unexpected end of JSON input"}, Refusal{"1.", "unexpected end of JSON input"},
                    Refusal{"1e", "unexpected end of JSON input"}, Refusal{"tru", "unexpected end of JSON input"},
                    Refusal{"\"a\\u12", "unexpected end of JSON input"},
                    Refusal{"{\"a\":1,}", "invalid character '}' looking for beginning of object key string"},
                    Refusal{"{a:1}", "invalid character 'a' looking for beginning of object key string"},
                    Refusal{"[1,]", "invalid character ']' looking for beginning of value"},
                    Refusal{"[1 2]", "invalid character '2' after array element"},
                    Refusal{"{\"a\" 1}", "invalid character '1' after object key"},
                    Refusal{"{\"a\":1 \"b\"}", "invalid character '\"' after object key:value pair"},
                    Refusal{"{} x", "invalid character 'x' after top-level value"},
                    Refusal{"<html>", "invalid character '<' looking for beginning of value"},
                    Refusal{"'a'", "invalid character '\\'' looking for beginning of value"},
                    Refusal{"\"a\nb\"", "invalid character '\\n' in string literal"},
                    Refusal{"\"\\x\"", "invalid character 'x' in string escape code"},
                    Refusal{"\"\\u12g4\"", "invalid character 'g' in \\u hexadecimal character escape"},
                    Refusal{"01", "invalid character '1' after top-level value"},
                    Refusal{"-a", "invalid character 'a' in numeric literal"},
                    Refusal{"1.x", "invalid character 'x' after decimal point in numeric literal"},
                    Refusal{"1e+x", "invalid character 'x' in exponent of numeric literal"},
                    Refusal{"trux", "invalid character 'x' in literal true (expecting 'e')"},
                    Refusal{"nul!", "invalid character '!' in literal null (expecting 'l')"},
                    Refusal{"\xff", "invalid character 'ÿ' looking for beginning of value"},
                    Refusal{std::string(1, '\0'), "invalid character '\\x00' looking for beginning of value"},
                    Refusal{"\x80", "invalid character '\\u0080' looking for beginning of value"},
                    Refusal{"1e400", "json: cannot unmarshal number 1e400 into Go value of type float64"}));

struct Row {
  std::string in, out;
};

class ReadAsGo : public testing::TestWithParam<Row> {};

TEST_P(ReadAsGo, Equals) {
  auto value = parse(GetParam().in, make_arena());
  ASSERT_TRUE(value) << value.error().text;
  EXPECT_EQ(write(*value), GetParam().out);
}

INSTANTIATE_TEST_SUITE_P(Rows, ReadAsGo,
                         testing::Values(Row{" [ ] ", "[]"}, Row{"{ }", "{}"}, Row{"[[],{},[1]]", "[[],{},[1]]"},
                                         Row{R"({"a":{"b":[{"c":null}]}})", R"({"a":{"b":[{"c":null}]}})"},
                                         Row{"-0", "0"}, Row{"9223372036854775808", "9223372036854775808"},
                                         Row{"1E3", "1000"}, Row{"1e-400", "0"},
                                         Row{"123456789012345678901234567890", "1.2345678901234568e+29"},
                                         Row{R"("\u00e9\ud83d\ude00\/\b")", R"("é😀/\b")"},
                                         Row{R"("\ud800x\udc00")", "\"\xef\xbf\xbdx\xef\xbf\xbd\""},
                                         Row{R"("\ud800\u0041")",
                                             "\"\xef\xbf\xbd"
                                             "A\""},
                                         Row{"\"a\xff\xc0\xafz\"", "\"a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\""},
                                         Row{R"({"a":1,"b":2,"a":3})", R"({"a":3,"b":2})"},
                                         Row{"\"plain text longer than sixteen bytes, then \\\"quoted\\\"\"",
                                             "\"plain text longer than sixteen bytes, then \\\"quoted\\\"\""}));

struct Duplicates {
  std::string in;
  std::vector<std::string> paths;
};

class FindDuplicates : public testing::TestWithParam<Duplicates> {};

TEST_P(FindDuplicates, Equals) {
  auto value = parse_strict(GetParam().in, make_arena());
  ASSERT_TRUE(value) << value.error().text;
  EXPECT_EQ(value->duplicates, GetParam().paths);
}

std::string many_keys(std::size_t count) {
  std::string out = "{";
  for (std::size_t i = 0; i < count; ++i) out += "\"k" + std::to_string(i) + "\":{\"a\":1},";
  return out + "\"k7\":{\"b\":1,\"b\":2},\"k" + std::to_string(count - 1) + "\":0}";
}

INSTANTIATE_TEST_SUITE_P(
    Rows, FindDuplicates,
    testing::Values(Duplicates{R"({"a":1,"b":{"a":1}})", {}},
                    Duplicates{R"({"metadata":{"name":1,"name":2}})", {"metadata.name"}},
                    Duplicates{R"({"c":[{"a":1},{"image":1,"image":1,"image":2}],"c":0})", {"c[1].image", "c"}},
                    Duplicates{R"({"a":1,"\u0061":2})", {"a"}}, Duplicates{R"({"\u0062":1,"\u0063":2,"b":1})", {"b"}},
                    Duplicates{many_keys(100), {"k7", "k7.b", "k99"}}));

TEST(Parse, DepthIsBoundedAsInGo) {
  auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  auto fits = parse(nested(10000), make_arena());
  ASSERT_TRUE(fits);
  EXPECT_EQ(write(*fits), nested(10000));
  auto deeper = parse(nested(10001), make_arena());
  ASSERT_FALSE(deeper);
  EXPECT_EQ(deeper.error().text, "exceeded max depth");
}

}  // namespace
}  // namespace gatepost::json
