#include "backend/review.h"

#include "base/base64.h"
#include "json/parse.h"
#include "json/write.h"

namespace gatepost::backend {
namespace {

constexpr std::string_view v1 = "admission.k8s.io/v1", v1beta1 = "admission.k8s.io/v1beta1";

std::string quoted(std::string_view text) {
  std::string out;
  json::write_string(text, out);
  return out;
}

// What stands in the response behind its uid.
std::string verdict(const ChosenFault& fault) {
  if (fault.fault->review == Review::denied)
    return R"(,"allowed":false,"status":{"code":403,"message":)" + quoted(fault.message) + "}";
  if (fault.fault->review == Review::bad_patch)  // a patch is an array of operations
    return R"(,"allowed":true,"patchType":"JSONPatch","patch":)" + quoted(base64::encode(R"({"op":"add"})"));
  return R"(,"allowed":true)";
}

}  // namespace

std::string review_answer(std::string_view request, const ChosenFault& fault) {
  auto parsed = json::parse(request, json::make_arena());
  std::string uid;
  std::string_view api = v1;
  if (parsed) {
    uid = json::string_at(*parsed, {"request", "uid"});
    if (json::string_at(*parsed, {"apiVersion"}) == v1beta1) api = v1beta1;
  }
  const Review review = fault.fault->review;
  if (review == Review::other_version) api = api == v1 ? v1beta1 : v1;
  if (review == Review::other_uid) uid = "another";
  std::string out = R"({"kind":"AdmissionReview","apiVersion":)" + quoted(api);
  if (review != Review::no_response) out += R"(,"response":{"uid":)" + quoted(uid) + verdict(fault) + "}";
  return out + "}";
}

}  // namespace gatepost::backend
