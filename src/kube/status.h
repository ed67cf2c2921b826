// Status: how a Kubernetes API server says no (metav1.Status), as a value. Makers for the usual refusals with
// kube-apiserver's exact texts (k8s.io/apimachinery/pkg/api/errors) are below; each layer's special texts live there.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"

namespace gatepost::kube {

struct StatusCause {
  std::string reason, message, field;
};

struct Status {
  int code = 500;
  std::string reason;  // "NotFound"
  std::string message;
  bool has_details = false;
  std::string details_name, details_group, details_kind, details_uid;
  std::vector<StatusCause> causes;
  std::int64_t retry_after_seconds = 0;
  std::string status = "Failure";
  std::string extra_details_json;  // an answer's own details object (webhook denials), printed as it came; empty: none
};

template <class T>
using ApiResult = Result<T, Status>;

// {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure",...}
std::string to_json(const Status& status);

Status not_found(std::string_view group, std::string_view resource, std::string_view name);
Status already_exists(std::string_view group, std::string_view resource, std::string_view name);
Status conflict(std::string_view group, std::string_view resource, std::string_view name, std::string_view why);
Status bad_request(std::string message);
Status forbidden(std::string_view group, std::string_view resource, std::string_view name, std::string_view why);
Status unauthorized();
Status method_not_supported(std::string_view group, std::string_view resource, std::string_view verb);
// "Internal error occurred: <why>", with `why` as the cause.
Status internal_error(std::string_view why);
// 500 with a text alone, as an error that is no Status of its own becomes one.
Status plain_error(std::string message);
Status request_entity_too_large(std::string_view why);
Status timeout(std::string message, std::int64_t retry_after_seconds);
Status gone(std::string message);  // 410, reason Expired
Status unsupported_media_type(std::string message);
Status not_acceptable(std::string message);

// One complaint about one field (k8s.io/apimachinery/pkg/util/validation/field.Error). `reason` is the cause's reason,
// such as FieldValueInvalid; `message` what Error.ErrorBody() prints; `field` the path such as
// "spec.containers[0].name".
struct FieldError {
  std::string reason, field, message;
};
// 422: `Pod "x" is invalid: spec.a: Required value` or, for several, `... is invalid: [a, b]`.
Status invalid(std::string_view group, std::string_view kind, std::string_view name,
               const std::vector<FieldError>& errors);

}  // namespace gatepost::kube
