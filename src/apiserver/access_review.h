// The reviews of authorization.k8s.io and authentication.k8s.io: objects that are questions, answered in their status.
#pragma once

#include <functional>
#include <string_view>

#include "admission/attributes.h"
#include "json/value.h"
#include "kube/rbac.h"
#include "kube/status.h"

namespace gatepost::apiserver {

struct ReviewSources {
  std::function<kube::Decision(const admission::UserInfo&, const kube::AccessRequest&)> decide;
  const kube::Rbac& rbac;
};

// As UserInfo of authentication.k8s.io prints.
json::Object user_info(const admission::UserInfo& user, const json::Storage& arena);

kube::ApiResult<void> answer_review(const ReviewSources& sources, const admission::UserInfo& user,
                                    std::string_view kind, json::Value& object);

}  // namespace gatepost::apiserver
