// The review that is sent, byte by byte, and every answer that is none.
#include "admission/review.h"

#include "admission/world.h"

namespace gatepost::admission {
namespace {

using testing::parsed;

// The members in the order of the Go struct, without those that are empty.
TEST(Review, Bytes) {
  Attributes attributes;
  attributes.operation = Operation::update;
  attributes.kind = {"apps", "v1", "Deployment"};
  attributes.resource = {"apps", "v1", "deployments"};
  attributes.ns = "team";
  attributes.name = "d";
  attributes.dry_run = true;
  attributes.options = parsed(R"({"kind":"UpdateOptions","apiVersion":"meta.k8s.io/v1"})");
  attributes.user = {"jane <j>", "7", {"a", "b"}, {{"scopes", {"x", "y"}}}};
  attributes.object = parsed(R"({"a":"<&>"})");
  attributes.old_object = parsed("{}");
  VersionedRequest request(attributes, attributes.kind, attributes.resource);
  EXPECT_EQ(ReviewPrinter(attributes, request).body(ReviewVersion::v1, "u"),
            R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"u",)"
            R"("kind":{"group":"apps","version":"v1","kind":"Deployment"},)"
            R"("resource":{"group":"apps","version":"v1","resource":"deployments"},)"
            R"("requestKind":{"group":"apps","version":"v1","kind":"Deployment"},)"
            R"("requestResource":{"group":"apps","version":"v1","resource":"deployments"},)"
            R"("name":"d","namespace":"team","operation":"UPDATE",)"
            R"("userInfo":{"username":"jane \u003cj\u003e","uid":"7","groups":["a","b"],"extra":{"scopes":["x","y"]}},)"
            R"("object":{"a":"\u003c\u0026\u003e"},"oldObject":{},"dryRun":true,)"
            R"("options":{"kind":"UpdateOptions","apiVersion":"meta.k8s.io/v1"}}})"
            "\n");
}

TEST(Review, LeavesOutWhatIsEmpty) {
  Attributes attributes;
  attributes.operation = Operation::connect;
  attributes.kind = {"", "v1", "PodExecOptions"};
  attributes.resource = {"", "v1", "pods"};
  attributes.subresource = "exec";
  VersionedRequest request(attributes, attributes.kind, attributes.resource);
  EXPECT_EQ(ReviewPrinter(attributes, request).body(ReviewVersion::v1beta1, "u"),
            R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1beta1","request":{"uid":"u",)"
            R"("kind":{"group":"","version":"v1","kind":"PodExecOptions"},)"
            R"("resource":{"group":"","version":"v1","resource":"pods"},"subResource":"exec",)"
            R"("requestKind":{"group":"","version":"v1","kind":"PodExecOptions"},)"
            R"("requestResource":{"group":"","version":"v1","resource":"pods"},"requestSubResource":"exec",)"
            R"("operation":"CONNECT","userInfo":{},"object":null,"oldObject":null,"dryRun":false,"options":null}})"
            "\n");
}

constexpr auto v1 = ReviewVersion::v1;
constexpr auto v1beta1 = ReviewVersion::v1beta1;

struct Row {
  const char* name;
  ReviewVersion version;
  HookType type;
  std::string body;
  std::string told;  // "allowed", "denied", or the error: "call: x", "invalid: x"
};

std::string review(std::string response, std::string version = "v1") {
  return R"({"apiVersion":"admission.k8s.io/)" + version + R"(","kind":"AdmissionReview","response":)" + response + "}";
}

class Answers : public ::testing::TestWithParam<Row> {};

TEST_P(Answers, AreJudged) {
  auto answer = read_answer(GetParam().body, "application/json", 200, GetParam().version, GetParam().type, "u");
  std::string told =
      answer ? answer->allowed ? "allowed" : "denied"
             : (answer.error().kind == AnswerError::Kind::call ? "call: " : "invalid: ") + answer.error().text;
  EXPECT_EQ(told, GetParam().told);
}

constexpr auto validating = HookType::validating;
constexpr auto mutating = HookType::mutating;

INSTANTIATE_TEST_SUITE_P(
    Rows, Answers,
    ::testing::Values(
        Row{"allowed", v1, validating, review(R"({"uid":"u","allowed":true})"), "allowed"},
        Row{"denied", v1, validating, review(R"({"uid":"u","allowed":false})"), "denied"},
        Row{"silence_denies", v1, validating, review(R"({"uid":"u"})"), "denied"},
        Row{"null_denies", v1, validating, review(R"({"uid":"u","allowed":null})"), "denied"},
        Row{"unknown_members", v1, validating, review(R"({"uid":"u","allowed":true,"more":[1]})"), "allowed"},
        Row{"empty", v1, validating, "",
            "call: 0-length response with status code: 200 and content type: application/json"},
        Row{"no_response", v1, validating, review("null"), "invalid: webhook response was absent"},
        Row{"other_uid", v1, validating, review(R"({"uid":"other","allowed":true})"),
            R"(invalid: expected response.uid="u", got "other")"},
        Row{"no_uid", v1, validating, review(R"({"allowed":true})"), R"(invalid: expected response.uid="u", got "")"},
        Row{"uid_is_free_in_v1beta1", v1beta1, validating, review(R"({"allowed":true})", "v1beta1"), "allowed"},
        Row{"no_kind", v1, validating, R"({"response":{"uid":"u","allowed":true}})",
            "invalid: expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got /, Kind="},
        Row{"no_kind_in_v1beta1", v1beta1, validating, R"({"response":{"allowed":true}})", "allowed"},
        Row{"allowed_is_text", v1, validating, review(R"({"uid":"u","allowed":"true"})"),
            "call: json: cannot unmarshal string into Go struct field AdmissionResponse.response.allowed of type bool"},
        Row{"other_version", v1, validating, review(R"({"uid":"u","allowed":true})", "v1beta1"),
            "call: converting (v1beta1.AdmissionReview) to (v1.AdmissionReview): unknown conversion"},
        Row{"patch_of_a_validating_webhook", v1, validating,
            review(R"({"uid":"u","allowed":true,"patch":"W10=","patchType":"JSONPatch"})"),
            "invalid: validating webhook may not return response.patch"},
        Row{"patch_type_of_a_validating_webhook", v1, validating,
            review(R"({"uid":"u","allowed":true,"patchType":"JSONPatch"})"),
            "invalid: validating webhook may not return response.patchType"},
        Row{"patch_of_a_validating_webhook_v1beta1", v1beta1, validating,
            review(R"({"allowed":true,"patch":"W10="})", "v1beta1"), "allowed"},
        Row{"patch_without_type_v1beta1", v1beta1, mutating, review(R"({"allowed":true,"patch":"W10="})", "v1beta1"),
            "allowed"},
        Row{"denial_with_a_patch_without_type", v1, mutating, review(R"({"uid":"u","allowed":false,"patch":"W10="})"),
            "invalid: webhook returned response.patch but not response.patchType"},
        Row{"list", v1, validating, "[]",
            R"(call: couldn't get version/kind; json parse error: json: cannot unmarshal array into Go value of type )"
            R"(struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" })"}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace gatepost::admission
