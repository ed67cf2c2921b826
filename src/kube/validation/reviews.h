// What the questions of authorization.k8s.io must say (pkg/apis/authorization/validation).
#pragma once

#include <string_view>
#include <vector>

#include "json/value.h"
#include "kube/status.h"

namespace gatepost::kube {

// `kind`: SubjectAccessReview, SelfSubjectAccessReview or LocalSubjectAccessReview.
std::vector<FieldError> validate_access_review(const json::Value& review, std::string_view kind);

}  // namespace gatepost::kube
