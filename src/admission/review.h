// AdmissionReview: what is sent to a webhook, and what its answer must be (v1 and v1beta1).
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "admission/attributes.h"
#include "admission/hook.h"
#include "base/result.h"
#include "json/value.h"
#include "kube/status.h"

namespace gatepost::admission {

// A request in the version that a webhook asked for: the attributes' own objects, or what matchPolicy Equivalent made
// of them. Attributes, kind and resource outlive it.
class VersionedRequest {
 public:
  VersionedRequest(const Attributes& attributes, const Kind& kind, const Resource& resource)
      : attributes_(&attributes), kind_(&kind), resource_(&resource) {}
  // `converted`: object and old object in that version.
  VersionedRequest(const Attributes& attributes, const Kind& kind, const Resource& resource,
                   std::pair<json::Value, json::Value> converted)
      : attributes_(&attributes), kind_(&kind), resource_(&resource), converted_(std::move(converted)) {}
  // Converts where the kinds differ; custom resources in name only.
  static kube::ApiResult<VersionedRequest> make(const Attributes& attributes, const Kind& kind,
                                                const Resource& resource);

  const Kind& kind() const { return *kind_; }
  const Resource& resource() const { return *resource_; }
  const json::Value& object() const { return converted_ ? converted_->first : attributes_->object; }
  const json::Value& old_object() const { return converted_ ? converted_->second : attributes_->old_object; }
  // object() for the caller to change.
  json::Value take_object() && { return converted_ ? std::move(converted_->first) : attributes_->object; }

 private:
  const Attributes* attributes_;
  const Kind* kind_;
  const Resource* resource_;
  std::optional<std::pair<json::Value, json::Value>> converted_;
};

// Prints the review once for all webhooks that see the request in the same version: only the uid differs from call to
// call.
class ReviewPrinter {
 public:
  ReviewPrinter(const Attributes& attributes, const VersionedRequest& request);
  // The body of one call.
  std::string body(ReviewVersion version, const std::string& uid) const;

 private:
  std::string rest_;  // the request's members behind its uid
};

struct ReviewAnswer {
  bool allowed = false;
  json::Value status;  // of a denial; null: none
  std::string patch;   // decoded; empty: none
  std::string patch_type;
  std::vector<std::string> warnings;
  std::vector<std::pair<std::string, std::string>> audit_annotations;
};

struct AnswerError {
  enum class Kind {
    call,
    invalid
  } kind = Kind::call;  // "failed to call webhook: x" or "received invalid webhook response: x"
  std::string text;
};

// Decodes the body of a 2xx answer and judges it as kube-apiserver does (VerifyAdmissionResponse).
Result<ReviewAnswer, AnswerError> read_answer(const std::string& body, std::string_view content_type, int status,
                                              ReviewVersion version, HookType type, const std::string& uid);

}  // namespace gatepost::admission
