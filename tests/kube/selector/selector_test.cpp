#include "kube/selector/selector.h"

#include <gtest/gtest.h>

#include "json/parse.h"

namespace gatepost::kube {
namespace {

struct Row {
  std::string selector, labels;
  bool matches;
};

class Labels : public testing::TestWithParam<Row> {};

TEST_P(Labels, Match) {
  auto selector = LabelSelector::parse(GetParam().selector);
  ASSERT_TRUE(selector) << selector.error().text;
  auto labels = json::parse(GetParam().labels, json::make_arena());
  ASSERT_TRUE(labels);
  EXPECT_EQ(selector->matches(&labels->get_object()), GetParam().matches);
}

INSTANTIATE_TEST_SUITE_P(Rows, Labels,
                         testing::Values(Row{"", "{}", true}, Row{"a=b", R"({"a":"b"})", true},
                                         Row{"a==b,c", R"({"a":"b"})", false}, Row{"a!=b", "{}", true},
                                         Row{"a!=b", R"({"a":"b"})", false}, Row{"a in (b, c)", R"({"a":"c"})", true},
                                         Row{"a notin (b)", "{}", true}, Row{"!a", "{}", true},
                                         Row{"!a", R"({"a":""})", false}, Row{"a", R"({"a":""})", true},
                                         Row{"a=", R"({"a":""})", true}, Row{"a>1", R"({"a":"2"})", true},
                                         Row{"a<1", R"({"a":"2"})", false}, Row{"a in ()", R"({"a":""})", true},
                                         Row{"in in (in)", R"({"in":"in"})", true},
                                         Row{"a in (,b)", R"({"a":""})", true},
                                         Row{" app.kubernetes.io/name = web , tier ",
                                             R"({"app.kubernetes.io/name":"web","tier":"x"})", true}));

struct Refusal {
  std::string selector, text;
};

class LabelTexts : public testing::TestWithParam<Refusal> {};

TEST_P(LabelTexts, Equal) {
  auto selector = LabelSelector::parse(GetParam().selector);
  ASSERT_FALSE(selector);
  EXPECT_EQ(selector.error().text, GetParam().text);
}

// Recorded from k8s.io/apimachinery 0.36.
INSTANTIATE_TEST_SUITE_P(
    Rows, LabelTexts,
    testing::Values(
        Refusal{"a=b c", "found 'c', expected: ',' or 'end of string'"},
        Refusal{",a", "found ',', expected: !, identifier, or 'end of string'"},
        Refusal{"a,", "found '', expected: identifier after ','"},
        Refusal{"a=(", "unable to parse requirement: found '(', expected: identifier"},
        Refusal{"a in b", "unable to parse requirement: found 'b' expected: '('"},
        Refusal{"a in (b", "unable to parse requirement: found '', expected: ',' or ')'"},
        Refusal{"a in (=)", "unable to parse requirement: found '=', expected: ',', ')' or identifier"},
        Refusal{"a gt 1", "unable to parse requirement: found 'gt', expected: in, notin, =, ==, !=, gt, lt"},
        Refusal{"!", "unable to parse requirement: found '', expected: identifier"},
        Refusal{
            "a>b",
            "unable to parse requirement: values[0]: Invalid value: \"b\": for 'Gt', 'Lt' operators, the value must "
            "be an integer"},
        Refusal{
            "-a",
            "unable to parse requirement: <nil>: Invalid value: \"-a\": name part must consist of alphanumeric "
            "characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or "
            "'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"},
        Refusal{"a=-b",
                "unable to parse requirement: values[0][a]: Invalid value: \"-b\": a valid label must be an empty "
                "string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
                "alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
                "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"}));

TEST(LabelSelectorObject, CompiledAndRefused) {
  auto parse = [](const char* text) { return *json::parse(text, json::make_arena()); };
  auto good = LabelSelector::from_object(parse(
      R"({"matchLabels":{"a":"b"},"matchExpressions":[{"key":"c","operator":"NotIn","values":["d"]},{"key":"e","operator":"DoesNotExist"}]})"));
  ASSERT_TRUE(good);
  json::Value labels = parse(R"({"a":"b","c":"x"})");
  EXPECT_TRUE(good->matches(&labels.get_object()));
  EXPECT_FALSE(good->matches(nullptr));
  EXPECT_TRUE(LabelSelector::from_object(parse("{}"))->everything());
  auto odd = LabelSelector::from_object(parse(R"({"matchExpressions":[{"key":"c","operator":"Like"}]})"));
  ASSERT_FALSE(odd);
  EXPECT_EQ(odd.error().text, "\"Like\" is not a valid label selector operator");
  auto empty = LabelSelector::from_object(parse(R"({"matchExpressions":[{"key":"c","operator":"In"}]})"));
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().text, "values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty");
}

TEST(FieldSelectors, ParseAndMatch) {
  auto selector = FieldSelector::parse("metadata.name=a,status.phase!=Run\\,ning,x==y");
  ASSERT_TRUE(selector) << selector.error().text;
  auto value_of = [](std::string_view field) {
    return std::string(field == "metadata.name" ? "a" : field == "x" ? "y" : "Pending");
  };
  EXPECT_TRUE(selector->matches(value_of));
  EXPECT_EQ(selector->requirements()[1].value, "Run,ning");
  EXPECT_EQ(FieldSelector::parse("abc").error().text, "invalid selector: 'abc'; can't understand 'abc'");
  EXPECT_EQ(FieldSelector::parse("a=b=c").error().text, "invalid field selector: unescaped character in value: 61");
  EXPECT_EQ(FieldSelector::parse("a=b\\c").error().text, "invalid field selector: invalid escape sequence: \\c");
}

}  // namespace
}  // namespace gatepost::kube
