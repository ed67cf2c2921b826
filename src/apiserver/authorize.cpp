#include "apiserver/authorize.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "apiserver/access_review.h"
#include "apiserver/impersonate.h"
#include "json/parse.h"
#include "kube/rbac.h"

namespace gatepost::apiserver {
namespace {

using admission::UserInfo;
using kube::AccessRequest;
using kube::Decision;

constexpr std::string_view kGroup = "rbac.authorization.k8s.io";
constexpr std::array kResources{"clusterroles", "clusterrolebindings", "roles", "rolebindings"};
// Health is for everybody (--authorization-always-allow-paths).
constexpr std::array<std::string_view, 3> kOpenPaths{"/healthz", "/readyz", "/livez"};

bool is_superuser(const UserInfo& user) {
  return std::ranges::find(user.groups, "system:masters") != user.groups.end();
}

AccessRequest request_of(const RequestInfo& info) {
  if (!info.is_resource) return {.verb = info.verb, .path = info.path.empty() ? std::string_view("/") : info.path};
  return {.verb = info.verb,
          .group = info.group,
          .resource = info.resource,
          .subresource = info.subresource,
          .ns = info.ns,
          .name = info.name};
}

kube::Status refusal(const UserInfo& user, const AccessRequest& request, const std::string& reason) {
  std::string why = kube::forbidden_text(user.name, request);
  if (!reason.empty()) why += ": " + reason;
  return kube::forbidden(request.group, request.resource, request.name, why);
}

class RbacAuthorizer final : public Authorizer {
 public:
  RbacAuthorizer(storage::Storage& store, AuthorizationMode mode) : mode_(mode) {
    for (const std::string resource : kResources) {
      const std::string collection = std::string(kGroup) + "/" + resource;
      for (const storage::Object& object : store.list(collection, {}).objects) put(resource, object);
      following_.push_back(store.on_change(collection, [this, resource](const storage::Event& event) {
        if (event.type == storage::EventType::removed) {
          rbac_.remove(resource, event.object.key.ns, event.object.key.name);
        } else {
          put(resource, event.object);
        }
      }));
    }
  }

  Decision decide(const UserInfo& user, const AccessRequest& request) const override {
    if (mode_ == AuthorizationMode::always_allow || is_superuser(user)) return {true, ""};
    if (std::ranges::find(kOpenPaths, request.path) != kOpenPaths.end()) return {true, ""};
    return rbac_.decide({user.name, user.groups}, request);
  }

  kube::ApiResult<std::string> authorize(const UserInfo& user, const RequestInfo& info) const override {
    return require(user, request_of(info));
  }

  kube::ApiResult<UserInfo> impersonate(UserInfo user, const net::http::Headers& headers) const override {
    auto impersonation = read_impersonation(headers);
    if (!impersonation) return fail_with(std::move(impersonation).error());
    for (const Impersonated& one : impersonation->permitted) {
      const AccessRequest request{.verb = "impersonate",
                                  .group = one.group,
                                  .resource = one.resource,
                                  .subresource = one.subresource,
                                  .ns = one.ns,
                                  .name = one.name};
      if (auto allowed = require(user, request); !allowed) return fail_with(std::move(allowed).error());
    }
    return std::move(impersonation->user);
  }

  kube::ApiResult<void> review(const UserInfo& user, std::string_view kind, json::Value& object) const override {
    const auto ask = [this](const UserInfo& who, const AccessRequest& request) { return decide(who, request); };
    return answer_review({ask, rbac_}, user, kind, object);
  }

  kube::ApiResult<void> may_grant(const UserInfo& user, std::string_view resource, std::string_view ns,
                                  const json::Value& object) const override {
    if (mode_ == AuthorizationMode::always_allow || is_superuser(user)) return {};
    const std::string name(json::string_at(object, {"metadata", "name"}));
    if (resource == "roles" || resource == "clusterroles") return may_write_role(user, resource, ns, name, object);
    if (resource == "rolebindings" || resource == "clusterrolebindings") {
      return may_bind(user, resource, ns, name, object);
    }
    return {};
  }

 private:
  void put(const std::string& resource, const storage::Object& object) {
    const auto value = json::parse(*object.bytes, json::make_arena());
    if (value) rbac_.put(resource, object.key.ns, object.key.name, *value);
  }

  kube::ApiResult<std::string> require(const UserInfo& user, const AccessRequest& request) const {
    Decision decision = decide(user, request);
    if (decision.allowed) return std::move(decision.reason);
    return fail_with(refusal(user, request, decision.reason));
  }

  kube::ApiResult<void> no_escalation(const UserInfo& user, std::string_view resource, std::string_view ns,
                                      const std::string& name, const std::vector<kube::PolicyRule>& wanted) const {
    const std::string text = rbac_.escalation({user.name, user.groups}, ns, wanted);
    if (text.empty()) return {};
    return fail_with(kube::forbidden(kGroup, resource, name, text));
  }

  kube::ApiResult<void> may_write_role(const UserInfo& user, std::string_view resource, std::string_view ns,
                                       const std::string& name, const json::Value& object) const {
    const kube::RoleRef ref{resource == "roles" ? "Role" : "ClusterRole", name};
    const auto* present = rbac_.find(ref, ns);
    AccessRequest escalate{.verb = "escalate", .group = kGroup, .resource = resource, .ns = ns};
    if (present) escalate.name = name;  // a create names nothing yet
    if (decide(user, escalate).allowed) return {};
    const json::Value* aggregation = json::find(object, "aggregationRule");
    if (aggregation && aggregation->is_object()) {
      static const std::vector<kube::PolicyRule> everything = {{{"*"}, {"*"}, {"*"}, {}, {}},
                                                               {{"*"}, {}, {}, {}, {"*"}}};
      if (rbac_.escalation({user.name, user.groups}, ns, everything).empty()) return {};
      return fail_with(
          kube::forbidden(kGroup, resource, name, "must have cluster-admin privileges to use the aggregationRule"));
    }
    const std::vector<kube::PolicyRule> wanted = kube::read_rules(object);
    if (present && *present == wanted) return {};
    return no_escalation(user, resource, ns, name, wanted);
  }

  kube::ApiResult<void> may_bind(const UserInfo& user, std::string_view resource, std::string_view ns,
                                 const std::string& name, const json::Value& object) const {
    const kube::RoleRef ref = kube::read_role_ref(object);
    const AccessRequest bind{.verb = "bind",
                             .group = kGroup,
                             .resource = ref.kind == "Role" ? "roles" : "clusterroles",
                             .ns = ns,
                             .name = ref.name};
    if (decide(user, bind).allowed) return {};
    const auto* rules = rbac_.find(ref, ns);
    if (!rules) return fail_with(kube::not_found(kGroup, ref.kind == "Role" ? "role" : "clusterrole", ref.name));
    return no_escalation(user, resource, ns, name, *rules);
  }

  AuthorizationMode mode_;
  kube::Rbac rbac_;
  std::vector<storage::Subscription> following_;
};

}  // namespace

std::unique_ptr<Authorizer> Authorizer::make(storage::Storage& store, AuthorizationMode mode) {
  return std::make_unique<RbacAuthorizer>(store, mode);
}

}  // namespace gatepost::apiserver
