#include "kube/schema/print.h"

#include <gtest/gtest.h>

#include "json/parse.h"

namespace gatepost::kube {
namespace {

std::string printed(std::string_view text, PrintForm form) {
  auto object = json::parse(text, json::Storage());
  EXPECT_TRUE(object) << text;
  std::string out;
  print(*object, form, out);
  return out;
}

TEST(Print, FieldsInTheOrderOfTheStructAndKeysSorted) {
  EXPECT_EQ(printed(R"({"status":{},"spec":{"nodeSelector":{"b":"1","a":"2"},"containers":[{"image":"i","name":"c"}]},)"
                    R"("metadata":{"labels":{"z":"1","b":"<"},"uid":"u","name":"x"},"apiVersion":"v1","kind":"Pod"})",
                    PrintForm::decoded),
            R"({"kind":"Pod","apiVersion":"v1","metadata":{"name":"x","uid":"u","labels":{"b":"\u003c","z":"1"}},)"
            R"("spec":{"containers":[{"name":"c","image":"i"}],"nodeSelector":{"a":"2","b":"1"}},"status":{}})");
}

TEST(Print, RawValuesKeepTheirOrder) {
  constexpr std::string_view text =
      R"({"kind":"ControllerRevision","apiVersion":"apps/v1","metadata":{},"data":{"b":1,"a":[]},"revision":1})";
  EXPECT_EQ(printed(text, PrintForm::stored), text);
}

TEST(Print, KindsWithoutAStructHaveAllKeysSorted) {
  EXPECT_EQ(printed(R"({"kind":"W","apiVersion":"e.com/v1","spec":{"b":[{"z":1,"a":{}}],"a":""}})", PrintForm::stored),
            R"({"apiVersion":"e.com/v1","kind":"W","spec":{"a":"","b":[{"a":{},"z":1}]}})");
}

TEST(Print, TheStoreKnowsNoEmptyLists) {
  struct Row {
    std::string_view text, stored;
  };
  constexpr Row rows[] = {
      {R"({"kind":"Role","apiVersion":"rbac.authorization.k8s.io/v1","metadata":{},"rules":[]})",
       R"({"kind":"Role","apiVersion":"rbac.authorization.k8s.io/v1","metadata":{},"rules":null})"},
      {R"({"kind":"Secret","apiVersion":"v1","metadata":{},"data":{"a":null}})",
       R"({"kind":"Secret","apiVersion":"v1","metadata":{},"data":{"a":""}})"},
      // A pointer to an empty struct is no list.
      {R"({"kind":"DaemonSet","apiVersion":"apps/v1","metadata":{},"spec":{"selector":{}},"status":{}})",
       R"({"kind":"DaemonSet","apiVersion":"apps/v1","metadata":{},"spec":{"selector":{}},"status":{}})"},
      // Stored as JSON.
      {R"({"kind":"CustomResourceDefinition","apiVersion":"apiextensions.k8s.io/v1","spec":{"versions":[]}})",
       R"({"kind":"CustomResourceDefinition","apiVersion":"apiextensions.k8s.io/v1","spec":{"versions":[]}})"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(printed(row.text, PrintForm::stored), row.stored);
    EXPECT_EQ(printed(row.text, PrintForm::decoded), row.text);
  }
}

TEST(Print, WhatWasNotDecodedIsPrintedAsItIs) {
  constexpr std::string_view text = R"({"kind":"Pod","apiVersion":"v1","foo":1,"metadata":"x","spec":[{}]})";
  EXPECT_EQ(printed(text, PrintForm::decoded), text);
}

}  // namespace
}  // namespace gatepost::kube
