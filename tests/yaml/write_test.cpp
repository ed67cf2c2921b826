#include "yaml/write.h"

#include <gtest/gtest.h>

#include "json/parse.h"
#include "json/write.h"
#include "yaml/convert.h"

namespace gatepost::yaml {
namespace {

TEST(Write, BlockStyle) {
  auto value = json::parse(
      R"({"apiVersion":"v1","clusters":[{"name":"local","cluster":{"server":"https://127.0.0.1:6443"}}],"users":[],"note":"a\nb\n"})",
      json::make_arena());
  ASSERT_TRUE(value);
  EXPECT_EQ(
      write(*value),
      "apiVersion: v1\nclusters:\n- name: local\n  cluster:\n    server: https://127.0.0.1:6443\nusers: []\nnote: |\n"
      "  a\n  b\n");
}

class ReadsBack : public testing::TestWithParam<std::string> {};

TEST_P(ReadsBack, Equals) {
  auto value = json::parse(GetParam(), json::make_arena());
  ASSERT_TRUE(value);
  std::string text = write(*value);
  auto again = parse(text, json::make_arena());
  ASSERT_TRUE(again) << text << again.error().text;
  EXPECT_EQ(json::write(*again), json::write(*value)) << text;
}

INSTANTIATE_TEST_SUITE_P(
    Rows, ReadsBack,
    testing::Values(
        R"({"a":"yes","b":"1","c":"","d":"- x","e":"a: b","f":"x #y","g":"*z","h":"~","i":"0777","j":" x ","k":"é","l":"\u0001"})",
        R"({"a":"\u007f\u0080\u0085\u009f\u00a0","\ufeffb":"\ufffe\uffff\ufffd","c":"\u2028x\u2029"})",
        R"([[1,[2,[]]],{},{"a":{"b":[{"c":1,"d":[]}]}},null,true,1.5,"x"])",
        R"({"a b":"x\ny","c\nd":"\n","e":"  x\ny","f":"x\n\n","g":"x \ny","-":"-","?":"?","2024-01-02":"10:30"})",
        R"({"m":[["a\nb"],{"n":"l1\nl2\n"}],"<<":"<<","---":"---"})", R"("plain")", R"("a\nb")", "[]", "{}"));

// As kube-apiserver 1.36 wrote them for Accept: application/yaml.
TEST(Write, ScalarsAreWrittenAsGoYamlDoes) {
  struct Row {
    std::string text, written;
  };
  std::string words;
  for (int i = 0; i < 20; ++i) words += "long ";
  for (const Row& row : std::vector<Row>{
           {"{}", "'{}'"},
           {"[a", "'[a'"},
           {"a]", "a]"},
           {"10.96.1.0", "10.96.1.0"},
           {"1.2.3", "1.2.3"},
           {"1.0", "\"1.0\""},
           {"true", "\"true\""},
           {"yes", "\"yes\""},
           {"~", "\"~\""},
           {"", "\"\""},
           {"a: b", "'a: b'"},
           {"a:", "'a:'"},
           {":a", ":a"},
           {":", "':'"},
           {"a #b", "'a #b'"},
           {"- a", "'- a'"},
           {"-a", "-a"},
           {"&x", "'&x'"},
           {"> x", "'> x'"},
           {"'x'", "'\'\'x\'\''"},
           {"\"x\"", "'\"x\"'"},
           {"x'y", "x'y"},
           {"trail ", "'trail '"},
           {"---", "'---'"},
           {"=", "="},
           {"<<", "<<"},
           {"NaN", "NaN"},
           {".nan", "\".nan\""},
           {"12:30", "\"12:30\""},
           {"190:20:30", "\"190:20:30\""},
           {"1:75", "1:75"},
           {"2020-01-01", "\"2020-01-01\""},
           {"2020-13-01", "2020-13-01"},
           {"2001-12-14t21:59:43.10-05:00", "\"2001-12-14t21:59:43.10-05:00\""},
           {"2001-12-14 21:59:43", "\"2001-12-14 21:59:43\""},
           {"2001-12-14 21:59:43Z", "2001-12-14 21:59:43Z"},
           {"a\nb", "|-\n    a\n    b"},
           {"a\n", "|\n    a"},
           {"a\n\n", "|+\n    a\n"},
           {"\na", "|2-\n\n    a"},
           {" a\nb", "|2-\n     a\n    b"},
           {"a \nb", "\"a \\nb\""},
           {"tab\tx", "\"tab\\tx\""},
           {"\x7f", "\"\\x7F\""},
           {"é", "é"},
           {words + "end",
            "long long long long long long long long long long long long long long long\n    long long long long long "
            "end"},
           {"a: " + words + "end",
            "'a: long long long long long long long long long long long long long long\n    long long long long long "
            "long "
            "end'"},
           {"\t" + words + "end",
            "\"\\tlong long long long long long long long long long long long long long long\n    long long long long "
            "long "
            "end\""},
       }) {
    json::Value value = json::Object{{"data", json::Object{{"k110", row.text}}}};
    EXPECT_EQ(write(value), "data:\n  k110: " + row.written + "\n") << row.text;
  }
}

TEST(Write, KeysStayOnTheirLine) {
  std::string longest(128, 'k'), longer(129, 'k');
  EXPECT_EQ(write(json::Object{{longest, "v"}}), longest + ": v\n");
  EXPECT_EQ(write(json::Object{{"m", json::Object{{longer, "v"}}}}), "m:\n  ? " + longer + "\n  : v\n");
}

}  // namespace
}  // namespace gatepost::yaml
