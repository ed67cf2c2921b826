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

}  // namespace
}  // namespace gatepost::yaml
