// RBAC: may this user do that? Fed with Roles, ClusterRoles and their bindings as they change; asked without touching
// them again. Bindings are found by subject, so a question costs what the user's own bindings cost, however many there
// are. Aggregated ClusterRoles grant what the roles they select grant, as kube-controller-manager would write it there.
// Texts are those of plugin/pkg/auth/authorizer/rbac and apiserver's responsewriters.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "json/value.h"
#include "kube/rbac_rules.h"
#include "kube/selector/selector.h"

namespace gatepost::kube {

struct AccessUser {
  std::string_view name;
  std::span<const std::string> groups;
};

struct Decision {
  bool allowed = false;
  // `RBAC: allowed by ClusterRoleBinding "x" of ClusterRole "y" to User "jane"`; when refused, what was wrong with the
  // user's bindings (`RBAC: role.rbac.authorization.k8s.io "r" not found`), mostly empty.
  std::string reason;
};

struct RoleRef {
  std::string kind, name;  // "Role" or "ClusterRole"
};

RoleRef read_role_ref(const json::Value& binding);

// `User "jane" cannot list resource "pods" in API group "" in the namespace "x"`
std::string forbidden_text(std::string_view user, const AccessRequest& request);

class Rbac {
 public:
  // `resource`: roles, clusterroles, rolebindings or clusterrolebindings. put() replaces what was there.
  void put(std::string_view resource, std::string_view ns, std::string_view name, const json::Value& object);
  void remove(std::string_view resource, std::string_view ns, std::string_view name);

  Decision decide(const AccessUser& user, const AccessRequest& request) const;

  // All rules that hold for the user in the namespace (empty: those of the cluster), and in `errors` (if not null) what
  // was wrong with bindings.
  std::vector<PolicyRule> rules_for(const AccessUser& user, std::string_view ns,
                                    std::vector<std::string>* errors = nullptr) const;

  // The rules of a role, aggregated ones resolved; null when it does not exist.
  const std::vector<PolicyRule>* find(const RoleRef& ref, std::string_view ns) const;
  // `roles.rbac.authorization.k8s.io "x" not found`
  static std::string not_found_text(const RoleRef& ref);

  // Empty when `user` holds all of `wanted`; else `user "jane" (groups=["a"]) is attempting to grant RBAC permissions
  // not currently held:\n{...}`.
  std::string escalation(const AccessUser& user, std::string_view ns, std::span<const PolicyRule> wanted) const;

 private:
  struct Role {
    std::vector<PolicyRule> rules;  // as written
    json::Object labels;            // of a ClusterRole
    bool aggregated = false;
    std::vector<LabelSelector> selectors;       // of an aggregated one
    mutable std::vector<PolicyRule> effective;  // of an aggregated one; valid while `effective_of` is the present state
    mutable std::uint64_t effective_of = 0;
  };
  struct Subject {
    std::string kind, name, ns;
  };
  struct Binding {
    std::string ns, name;  // ns is empty for a ClusterRoleBinding
    RoleRef role;
    std::vector<Subject> subjects;
  };
  using BindingPtr = std::shared_ptr<const Binding>;
  struct ByName {
    bool operator()(const BindingPtr& a, const BindingPtr& b) const { return a->name < b->name; }
  };
  using BindingSet = std::set<BindingPtr, ByName>;

  template <class Visit>
  void visit(const AccessUser& user, std::string_view ns, Visit visitor) const;
  void index(const BindingPtr& binding, bool add);
  void collect(const std::string& key, const Role& role, std::set<std::string_view>& met,
               std::vector<PolicyRule>& rules) const;
  const std::vector<PolicyRule>& effective(const std::string& name, const Role& role) const;

  std::map<std::string, Role, std::less<>> roles_;  // "ns/name"; ClusterRoles "/name"
  std::map<std::string, BindingPtr, std::less<>> bindings_;
  std::unordered_map<std::string, BindingSet> by_subject_;  // namespace of the binding, NUL, subject
  std::uint64_t cluster_roles_state_ = 1;                   // counts changes of ClusterRoles
};

}  // namespace gatepost::kube
