#include "kube/rbac.h"

#include <algorithm>
#include <utility>

#include "net/go_text.h"

namespace gatepost::kube {
namespace {

constexpr std::string_view kServiceAccountPrefix = "system:serviceaccount:";

// How a subject is found again: by what a user brings.
std::string subject_key(std::string_view binding_ns, char kind, std::string_view name) {
  std::string key(binding_ns);
  key.push_back('\0');
  key.push_back(kind);
  key.append(name);
  return key;
}

std::string role_key(std::string_view kind, std::string_view ns, std::string_view name) {
  std::string key;
  if (kind == "Role") key.append(ns);
  key.push_back('/');
  key.append(name);
  return key;
}

std::string binding_key(std::string_view ns, std::string_view name) {
  std::string key(ns);
  key.push_back('/');
  key.append(name);
  return key;
}

// As Go's aggregate of errors prints: one as it is, several in brackets, each once.
std::string aggregate(std::vector<std::string> errors) {
  std::vector<std::string> once;
  for (std::string& error : errors) {
    if (std::ranges::find(once, error) == once.end()) once.push_back(std::move(error));
  }
  if (once.size() == 1) return once.front();
  std::string out = "[";
  for (const std::string& error : once) out += (out.size() > 1 ? ", " : "") + error;
  return out + "]";
}

}  // namespace

RoleRef read_role_ref(const json::Value& binding) {
  return {std::string(json::string_at(binding, {"roleRef", "kind"})),
          std::string(json::string_at(binding, {"roleRef", "name"}))};
}

std::string forbidden_text(std::string_view user, const AccessRequest& request) {
  std::string text = "User " + net::go_quote(user) + " cannot " + std::string(request.verb);
  if (!request.path.empty()) return text + " path " + net::go_quote(request.path);
  std::string resource(request.resource);
  if (!request.subresource.empty()) resource += "/" + std::string(request.subresource);
  text += " resource " + net::go_quote(resource) + " in API group " + net::go_quote(request.group);
  return request.ns.empty() ? text + " at the cluster scope" : text + " in the namespace " + net::go_quote(request.ns);
}

void Rbac::put(std::string_view resource, std::string_view ns, std::string_view name, const json::Value& object) {
  if (resource == "roles" || resource == "clusterroles") {
    const bool of_cluster = resource == "clusterroles";
    Role role;
    role.rules = read_rules(object);
    if (of_cluster) {
      ++cluster_roles_state_;
      if (const json::Object* labels = json::object_at(object, {"metadata", "labels"})) role.labels = *labels;
      const json::Value* aggregation = json::find(object, "aggregationRule");
      role.aggregated = aggregation && aggregation->is_object();
      if (const auto* selectors = json::array_at(object, {"aggregationRule", "clusterRoleSelectors"})) {
        for (const json::Value& text : *selectors) {
          if (auto selector = LabelSelector::from_object(text)) role.selectors.push_back(std::move(*selector));
        }
      }
    }
    roles_.insert_or_assign(role_key(of_cluster ? "ClusterRole" : "Role", ns, name), std::move(role));
    return;
  }
  if (resource != "rolebindings" && resource != "clusterrolebindings") return;
  remove(resource, ns, name);
  auto binding = std::make_shared<Binding>();
  binding->ns = ns;
  binding->name = name;
  binding->role = read_role_ref(object);
  if (const json::Array* subjects = json::array_at(object, {"subjects"})) {
    for (const json::Value& subject : *subjects) {
      binding->subjects.push_back({std::string(json::string_at(subject, {"kind"})),
                                   std::string(json::string_at(subject, {"name"})),
                                   std::string(json::string_at(subject, {"namespace"}))});
    }
  }
  index(binding, true);
  bindings_.emplace(binding_key(ns, name), std::move(binding));
}

void Rbac::remove(std::string_view resource, std::string_view ns, std::string_view name) {
  if (resource == "clusterroles") {
    ++cluster_roles_state_;
    roles_.erase(role_key("ClusterRole", ns, name));
  } else if (resource == "roles") {
    roles_.erase(role_key("Role", ns, name));
  } else if (const auto at = bindings_.find(binding_key(ns, name)); at != bindings_.end()) {
    index(at->second, false);
    bindings_.erase(at);
  }
}

void Rbac::index(const BindingPtr& binding, bool add) {
  for (const Subject& subject : binding->subjects) {
    std::string key;
    if (subject.kind == "User") {
      key = subject_key(binding->ns, 'U', subject.name);
    } else if (subject.kind == "Group") {
      key = subject_key(binding->ns, 'G', subject.name);
    } else if (subject.kind == "ServiceAccount") {
      const std::string& ns = subject.ns.empty() ? binding->ns : subject.ns;
      if (ns.empty()) continue;
      key = subject_key(binding->ns, 'U', std::string(kServiceAccountPrefix) + ns + ":" + subject.name);
    } else {
      continue;
    }
    if (add) {
      by_subject_[key].insert(binding);
    } else if (const auto at = by_subject_.find(key); at != by_subject_.end()) {
      at->second.erase(binding);
      if (at->second.empty()) by_subject_.erase(at);
    }
  }
}

// Roles may select each other: each is met once.
void Rbac::collect(const std::string& key, const Role& role, std::set<std::string_view>& met,
                   std::vector<PolicyRule>& rules) const {
  if (!met.insert(key).second) return;
  if (!role.aggregated) {
    for (const PolicyRule& rule : role.rules) {
      if (std::ranges::find(rules, rule) == rules.end()) rules.push_back(rule);
    }
    return;
  }
  for (const auto& [other_key, other] : roles_) {
    if (!other_key.starts_with('/')) continue;
    const bool selected =
        std::ranges::any_of(role.selectors, [&](const LabelSelector& one) { return one.matches(&other.labels); });
    if (selected) collect(other_key, other, met, rules);
  }
}

const std::vector<PolicyRule>& Rbac::effective(const std::string& key, const Role& role) const {
  if (!role.aggregated) return role.rules;
  if (role.effective_of != cluster_roles_state_) {
    role.effective.clear();
    std::set<std::string_view> met;
    collect(key, role, met, role.effective);
    role.effective_of = cluster_roles_state_;
  }
  return role.effective;
}

const std::vector<PolicyRule>* Rbac::find(const RoleRef& ref, std::string_view ns) const {
  const std::string key = role_key(ref.kind, ns, ref.name);
  const auto at = roles_.find(key);
  return at == roles_.end() ? nullptr : &effective(key, at->second);
}

std::string Rbac::not_found_text(const RoleRef& ref) {
  return std::string(ref.kind == "Role" ? "role" : "clusterrole") + ".rbac.authorization.k8s.io " +
         net::go_quote(ref.name) + " not found";
}

// Calls visitor(binding, rules or null) for the user's bindings: those of the cluster first, each group
// in the order of names; ends when the visitor returns false.
template <class Visit>
void Rbac::visit(const AccessUser& user, std::string_view ns, Visit visitor) const {
  std::set<std::string_view> groups(user.groups.begin(), user.groups.end());
  for (const std::string_view scope : {std::string_view(), ns}) {
    // By name, so that a user whom two subjects of one binding name meets it once.
    std::map<std::string_view, BindingPtr> met;
    const auto meet = [&](const std::string& key) {
      if (const auto at = by_subject_.find(key); at != by_subject_.end()) {
        for (const BindingPtr& binding : at->second) met.emplace(binding->name, binding);
      }
    };
    meet(subject_key(scope, 'U', user.name));
    for (const std::string_view group : groups) meet(subject_key(scope, 'G', group));
    for (const auto& [name, binding] : met) {
      if (!visitor(*binding, find(binding->role, binding->ns))) return;
    }
    if (ns.empty()) return;
  }
}

Decision Rbac::decide(const AccessUser& user, const AccessRequest& request) const {
  Decision decision;
  std::vector<std::string> errors;
  visit(user, request.ns, [&](const Binding& binding, const std::vector<PolicyRule>* rules) {
    if (!rules) {
      errors.push_back(not_found_text(binding.role));
      return true;
    }
    if (std::ranges::none_of(*rules, [&](const PolicyRule& rule) { return allows(rule, request); })) return true;
    decision.allowed = true;
    const bool of_cluster = binding.ns.empty();
    decision.reason = std::string("RBAC: allowed by ") + (of_cluster ? "ClusterRoleBinding " : "RoleBinding ") +
                      net::go_quote(of_cluster ? binding.name : binding.name + "/" + binding.ns) + " of " +
                      binding.role.kind + " " + net::go_quote(binding.role.name) + " to ";
    for (const Subject& subject : binding.subjects) {
      const std::string& account_ns = subject.ns.empty() ? binding.ns : subject.ns;
      const bool account = subject.kind == "ServiceAccount";
      const bool names_user =
          (subject.kind == "User" && subject.name == user.name) ||
          (subject.kind == "Group" && std::ranges::find(user.groups, subject.name) != user.groups.end()) ||
          (account && user.name == std::string(kServiceAccountPrefix) + account_ns + ":" + subject.name);
      if (!names_user) continue;
      decision.reason += subject.kind + " " + net::go_quote(account ? subject.name + "/" + account_ns : subject.name);
      break;
    }
    return false;
  });
  if (!decision.allowed && !errors.empty()) decision.reason = "RBAC: " + aggregate(std::move(errors));
  return decision;
}

std::vector<PolicyRule> Rbac::rules_for(const AccessUser& user, std::string_view ns,
                                        std::vector<std::string>* errors) const {
  std::vector<PolicyRule> all;
  visit(user, ns, [&](const Binding& binding, const std::vector<PolicyRule>* rules) {
    if (rules) {
      all.insert(all.end(), rules->begin(), rules->end());
    } else if (errors) {
      errors->push_back(not_found_text(binding.role));
    }
    return true;
  });
  return all;
}

std::string Rbac::escalation(const AccessUser& user, std::string_view ns, std::span<const PolicyRule> wanted) const {
  std::vector<std::string> errors;
  const std::vector<PolicyRule> owned = rules_for(user, ns, &errors);
  const std::vector<PolicyRule> missing = compact_rules(missing_rules(owned, wanted));
  if (missing.empty()) return {};
  std::set<std::string> lines;
  for (const PolicyRule& rule : missing) lines.insert(rule_text(rule));
  std::string text = "user " + net::go_quote(user.name) + " (groups=" + go_quote(user.groups) +
                     ") is attempting to grant RBAC permissions not currently held:";
  for (const std::string& line : lines) text += "\n" + line;
  if (!errors.empty()) {
    text += "; resolution errors: [";
    for (const std::string& error : errors) text += (&error == &errors.front() ? "" : " ") + error;
    text += "]";
  }
  return text;
}

}  // namespace gatepost::kube
