#include "yaml/convert.h"

#include <gtest/gtest.h>

#include "json/write.h"

namespace gatepost::yaml {
namespace {

struct Row {
  std::string in, out;
};

class ToJson : public testing::TestWithParam<Row> {};

TEST_P(ToJson, Equals) {
  auto value = parse(GetParam().in, json::make_arena());
  ASSERT_TRUE(value) << value.error().text;
  EXPECT_EQ(json::write(*value), GetParam().out);
}

// Recorded from sigs.k8s.io/yaml 1.6.
INSTANTIATE_TEST_SUITE_P(
    Rows, ToJson,
    testing::Values(
        Row{"", "null"}, Row{"# only a comment\n", "null"},
        Row{"a: 1\nb: [x, 'y', \"z\"]\n", R"({"a":1,"b":["x","y","z"]})"},
        Row{"[yes, No, on, off, y, n, true, False]", "[true,false,true,false,true,false,true,false]"},
        Row{"[~, null, Null, '']", R"([null,null,null,""])"},
        Row{"[0777, 0o17, 0x1F, 0b101, 1_000, +7, -8, 08]", "[511,15,31,5,1000,7,-8,8]"},
        Row{"[1.5, .5, 1e3, -1.0, 1., 1e400, 1.2.3]", R"([1.5,0.5,1000,-1,1,"1e400","1.2.3"])"},
        Row{"[2024-01-02, 2024-01-02T03:04:05Z, 10:30]", R"(["2024-01-02","2024-01-02T03:04:05Z","10:30"])"},
        Row{"18446744073709551615", "18446744073709551615"},
        Row{"yes: 1\n2: b\n1.5: c\n", R"({"true":1,"2":"b","1.5":"c"})"},
        Row{"a: |\n  x\n  y\nb: >-\n  p\n  q\n", R"({"a":"x\ny\n","b":"p q"})"},
        Row{"x: &a {k: 1}\ny: *a\nz: {<<: *a, m: 2}\n", R"({"x":{"k":1},"true":{"k":1},"z":{"k":1,"m":2}})"},
        Row{"z: {<<: [{a: 1, b: 1}, {b: 2, c: 2}]}", R"({"z":{"b":1,"c":2,"a":1}})"},
        Row{"a: !!str 1\nb: !!int \"2\"\nc: !!float 3\nd: !!binary aGk=\n", R"({"a":"1","b":2,"c":3,"d":"hi"})"},
        Row{"a: !!binary /w==\n", "{\"a\":\"\xef\xbf\xbd\"}"}, Row{"a: 1\na: 2\n", R"({"a":2})"},
        Row{"a: b\n---\nc: d\n", R"({"a":"b"})"}, Row{"{\"a\": [1, 2.50, null]}", R"({"a":[1,2.5,null]})"}));

class Refuse : public testing::TestWithParam<Row> {};

TEST_P(Refuse, Equals) {
  auto value = parse(GetParam().in, json::make_arena());
  ASSERT_FALSE(value) << json::write(*value);
  EXPECT_EQ(value.error().text, GetParam().out);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Refuse,
    testing::Values(Row{"a: b: c\n", "yaml: mapping values are not allowed in this context"},
                    Row{"x: 1\na: b: c\n", "yaml: line 2: mapping values are not allowed in this context"},
                    Row{"a:\n  - b\n c: d\n", "yaml: line 2: did not find expected key"},
                    Row{"a: [1, 2\nb: 3\n", "yaml: line 1: did not find expected ',' or ']'"},
                    Row{"a: *nope\n", "yaml: unknown anchor 'nope' referenced"},
                    Row{"a: \"x\n", "yaml: line 2: found unexpected end of stream"},
                    Row{"a: .nan\n", "json: unsupported value: NaN"},
                    Row{"a: &x [*x]\n", "yaml: anchor 'x' value contains itself"},
                    Row{"{{ .Values.x }}",
                        "yaml: invalid map key: map[interface {}]interface {}{\".Values.x\":interface {}(nil)}"},
                    Row{"a: &x {*x : 1}\n", "yaml: anchor 'x' value contains itself"},
                    Row{"a: {<<: 1}", "yaml: map merge requires map or sequence of maps as the value"},
                    Row{"a: !!int x\n", "yaml: cannot decode !!str `x` as a !!int"},
                    Row{"a\tb: \tc\n\t- d\n", "yaml: line 2: found a tab character that violates indentation"},
                    Row{"~: 1", "unsupported map key of type: %!s(<nil>), key: <nil>, value: 1"},
                    Row{"a: |x\n b\n", "yaml: did not find expected comment or line break"},
                    Row{"- a\n-b\n c: d\n", "yaml: line 3: could not find expected ':'"},
                    Row{"a: '\xff'\n", "yaml: invalid leading UTF-8 octet"},
                    Row{"a: 1\n\x01\n", "yaml: control characters are not allowed"}));

TEST(Yaml, AliasesMayNotMakeMostOfADocument) {
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 12; ++i) {
    std::string last = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 9; ++j) bomb += (j ? "," : "") + last;
    bomb += "]\n";
  }
  auto value = parse(bomb, json::make_arena());
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().text, "yaml: document contains excessive aliasing");
}

TEST(Yaml, DepthIsBounded) {
  auto value = parse(std::string(5000, '['), json::make_arena());
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().text, "yaml: exceeded max depth of 1000");
}

TEST(Yaml, DuplicatesAreToldWithTheirLines) {
  auto tree = read("a: 1\nb:\n  c: 1\n  c: 2\na: 3\n");
  ASSERT_TRUE(tree);
  auto converted = convert(*tree, json::make_arena());
  ASSERT_TRUE(converted);
  EXPECT_EQ(strict_complaint(converted->duplicates),
            "yaml: unmarshal errors:\n  line 4: key \"c\" already set in map\n  line 5: key \"a\" already set in map");
}

}  // namespace
}  // namespace gatepost::yaml
