// Label keys as bits: what they rule out must never be what the selector itself would have let through.
#include <gtest/gtest.h>

#include "admission/predicates/object_selector.h"
#include "json/parse.h"

namespace gatepost::admission {
namespace {

json::Value parsed(const char* text) {
  auto value = json::parse(text, json::make_arena());
  EXPECT_TRUE(value) << text;
  return std::move(*value);
}

const char* const kSelectors[] = {
    R"({})",
    R"({"matchLabels":{"a":"1"}})",
    R"({"matchLabels":{"a":"1","b":"2"}})",
    R"({"matchExpressions":[{"key":"a","operator":"Exists"}]})",
    R"({"matchExpressions":[{"key":"a","operator":"DoesNotExist"}]})",
    R"({"matchExpressions":[{"key":"a","operator":"NotIn","values":["1"]}]})",
    R"({"matchExpressions":[{"key":"b","operator":"In","values":["2","3"]}]})",
};

const char* const kObjects[] = {
    R"(null)",
    R"({"metadata":{}})",
    R"({"metadata":{"labels":{"a":"1"}}})",
    R"({"metadata":{"labels":{"a":"1","b":"2"}}})",
    R"({"metadata":{"labels":{"c":"1"}}})",
};

TEST(LabelBits, RuleOutOnlyWhatTheSelectorRulesOut) {
  for (const char* selector_text : kSelectors)
    for (const char* object_text : kObjects)
      for (const char* old_text : kObjects) {
        const auto selector = kube::LabelSelector::from_object(parsed(selector_text));
        const json::Value object = parsed(object_text), old_object = parsed(old_text);
        const auto verdict = matches_object(selector, object, old_object);
        ASSERT_TRUE(verdict);
        const bool ruled_out = (needed_labels(selector) & ~present_labels(object, old_object)) != 0;
        EXPECT_FALSE(ruled_out && *verdict) << selector_text << " " << object_text << " " << old_text;
      }
}

TEST(LabelBits, SkipAnObjectWithoutTheLabelAskedFor) {
  const json::Value bare = parsed(R"({"metadata":{"name":"x"}})"), none;
  for (const char* text : {kSelectors[1], kSelectors[2], kSelectors[3], kSelectors[6]}) {
    const auto selector = kube::LabelSelector::from_object(parsed(text));
    EXPECT_NE(needed_labels(selector) & ~present_labels(bare, none), 0u) << text;
  }
  // A selector that is broken has its error to tell, so it is never skipped.
  EXPECT_EQ(needed_labels(fail("no such operator")), 0u);
}

}  // namespace
}  // namespace gatepost::admission
