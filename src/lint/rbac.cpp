#include "lint/rbac.h"

#include <algorithm>

namespace gatepost::lint {

const Manifest* role_of(const Model& model, const Manifest& binding) {
  const std::string_view kind = binding.text({"roleRef", "kind"}), name = binding.text({"roleRef", "name"});
  return model.find(kind, kind == "ClusterRole" ? "" : std::string_view(binding.ns), name);
}

std::vector<const Manifest*> bindings_of(const Model& model, const Manifest& role) {
  std::vector<const Manifest*> out;
  for (std::string_view kind : {"ClusterRoleBinding", "RoleBinding"})
    for (const Manifest* binding : model.of_kind(kind))
      if (role_of(model, *binding) == &role) out.push_back(binding);
  return out;
}

std::vector<Subject> subjects_of(const Manifest& binding) {
  std::vector<Subject> out;
  const json::Array* list = json::array_at(binding.value, {"subjects"});
  for (std::size_t i = 0; list && i < list->size(); ++i) {
    Subject one{std::string(json::string_at((*list)[i], {"kind"})),
                std::string(json::string_at((*list)[i], {"namespace"})),
                std::string(json::string_at((*list)[i], {"name"}))};
    if (one.kind == "ServiceAccount" && one.ns.empty()) one.ns = binding.ns;
    out.push_back(std::move(one));
  }
  return out;
}

bool grants(const Model& model, std::string_view ns, std::string_view service_account,
            const kube::AccessRequest& request) {
  for (const Manifest* binding : model.of_kind("ClusterRoleBinding")) {
    const auto subjects = subjects_of(*binding);
    const bool bound = std::any_of(subjects.begin(), subjects.end(), [&](const Subject& subject) {
      return subject.kind == "ServiceAccount" && subject.name == service_account &&
             (subject.ns == ns || subject.ns.empty() || ns.empty());
    });
    const Manifest* role = bound ? role_of(model, *binding) : nullptr;
    if (!role) continue;
    const auto rules = kube::read_rules(role->value);
    if (std::any_of(rules.begin(), rules.end(), [&](const kube::PolicyRule& rule) { return allows(rule, request); }))
      return true;
  }
  return false;
}

}  // namespace gatepost::lint
