// May they: system:masters may everything, all others what RBAC grants.
#pragma once

#include <memory>
#include <string>

#include "admission/attributes.h"
#include "apiserver/request_info.h"
#include "json/value.h"
#include "kube/rbac.h"
#include "kube/status.h"
#include "net/http/message.h"
#include "storage/storage.h"

namespace gatepost::apiserver {

// --authorization-mode: what RBAC grants, or everything to everybody.
enum class AuthorizationMode { rbac, always_allow };

class Authorizer {
 public:
  // Follows Roles, ClusterRoles and their bindings in the store.
  static std::unique_ptr<Authorizer> make(storage::Storage& store, AuthorizationMode mode = AuthorizationMode::rbac);
  virtual ~Authorizer() = default;

  // Allowed, and why (the reason is empty for those who may everything).
  virtual kube::Decision decide(const admission::UserInfo& user, const kube::AccessRequest& request) const = 0;

  // Why they may, in the words of the audit log (empty for the superuser). The error is the 403 with kube-apiserver's
  // text.
  virtual kube::ApiResult<std::string> authorize(const admission::UserInfo& user, const RequestInfo& info) const = 0;

  // Applies Impersonate-User, -Group, -Uid and -Extra- headers: the user they name, when `user` may impersonate it.
  virtual kube::ApiResult<admission::UserInfo> impersonate(admission::UserInfo user,
                                                           const net::http::Headers& headers) const = 0;

  // Fills in `status` of a SubjectAccessReview, SelfSubjectAccessReview, LocalSubjectAccessReview,
  // SelfSubjectRulesReview or SelfSubjectReview (`kind`). `user` asks.
  virtual kube::ApiResult<void> review(const admission::UserInfo& user, std::string_view kind,
                                       json::Value& object) const = 0;

  // Refuses a Role, ClusterRole or binding that grants more than `user` has. `object` is about to be written.
  virtual kube::ApiResult<void> may_grant(const admission::UserInfo& user, std::string_view resource,
                                          std::string_view ns, const json::Value& object) const = 0;
};

}  // namespace gatepost::apiserver
