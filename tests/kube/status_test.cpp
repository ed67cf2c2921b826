#include "kube/status.h"

#include <gtest/gtest.h>

namespace gatepost::kube {
namespace {

struct Row {
  Status status;
  std::string json;
};

class StatusJson : public testing::TestWithParam<Row> {};

TEST_P(StatusJson, Equals) {
  EXPECT_EQ(to_json(GetParam().status), GetParam().json);
}

std::string failure(const std::string& rest) {
  return R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",)" + rest;
}

INSTANTIATE_TEST_SUITE_P(
    Rows, StatusJson,
    testing::Values(
        Row{not_found("apps", "deployments", "a"),
            failure(
                R"("message":"deployments.apps \"a\" not found","reason":"NotFound","details":{"name":"a","group":"apps","kind":"deployments"},"code":404})")},
        Row{already_exists("", "pods", "a"),
            failure(
                R"("message":"pods \"a\" already exists","reason":"AlreadyExists","details":{"name":"a","kind":"pods"},"code":409})")},
        Row{unauthorized(), failure(R"("message":"Unauthorized","reason":"Unauthorized","code":401})")},
        Row{internal_error("x"),
            failure(
                R"("message":"Internal error occurred: x","reason":"InternalError","details":{"causes":[{"message":"x"}]},"code":500})")},
        Row{timeout("slow", 2),
            failure(R"("message":"Timeout: slow","reason":"Timeout","details":{"retryAfterSeconds":2},"code":504})")},
        Row{forbidden("", "", "", "why"),
            failure(R"("message":"forbidden: why","reason":"Forbidden","details":{},"code":403})")},
        Row{invalid("", "Pod", "p", {{"FieldValueRequired", "spec.a", "Required value"}}),
            failure(
                R"("message":"Pod \"p\" is invalid: spec.a: Required value","reason":"Invalid","details":{"name":"p","kind":"Pod","causes":[{"reason":"FieldValueRequired","message":"Required value","field":"spec.a"}]},"code":422})")}));

TEST(Invalid, SaysNothingTwice) {
  FieldError a{"FieldValueInvalid", "a", "Invalid value: 1"}, b{"FieldValueInvalid", "b", "Invalid value: 2"};
  EXPECT_EQ(invalid("g", "K", "n", {a, a}).message, "K.g \"n\" is invalid: a: Invalid value: 1");
  EXPECT_EQ(invalid("g", "K", "n", {a, b, a}).message,
            "K.g \"n\" is invalid: [a: Invalid value: 1, b: Invalid value: 2]");
  EXPECT_EQ(invalid("g", "K", "n", {a, a}).causes.size(), 2u);
}

}  // namespace
}  // namespace gatepost::kube
