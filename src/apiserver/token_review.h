// TokenReview of authentication.k8s.io: whose token is this?
#pragma once

#include "apiserver/authenticate.h"
#include "json/value.h"
#include "kube/status.h"

namespace gatepost::apiserver {

// Writes the answer into the review's status. A token that is unknown, or good for other audiences than those asked
// for, is an answer too.
kube::ApiResult<void> answer_token_review(const Authenticator& authenticator, json::Value& review);

}  // namespace gatepost::apiserver
