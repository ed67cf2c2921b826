#include <array>

#include "formats/names.h"
#include "kube/validation/kinds.h"
#include "kube/validation/metadata.h"

namespace gatepost::kube {
namespace {

constexpr std::string_view group = "rbac.authorization.k8s.io";

enum class Scope { space, cluster };

void validate_rules(Errors& errors, const Field& rules, Scope scope) {
  for_each(rules, [&](const Field& rule) {
    Field verbs = rule["verbs"], urls = rule["nonResourceURLs"], groups = rule["apiGroups"],
          resources = rule["resources"];
    if (verbs.empty()) errors.required(verbs, "verbs must contain at least one value");
    if (!urls.empty()) {
      if (scope == Scope::space) errors.invalid(urls, "namespaced rules cannot apply to non-resource URLs");
      if (!groups.empty() || !resources.empty() || !rule["resourceNames"].empty())
        errors.invalid(urls, "rules cannot apply to both regular resources and non-resource URLs");
      return;
    }
    if (groups.empty()) errors.required(groups, "resource rules must supply at least one api group");
    if (resources.empty()) errors.required(resources, "resource rules must supply at least one resource");
  });
}

void create_role(Errors& errors, const Field& object) {
  validate_rules(errors, object["rules"], Scope::space);
}

void create_cluster_role(Errors& errors, const Field& object) {
  validate_rules(errors, object["rules"], Scope::cluster);
  Field aggregation = object["aggregationRule"];
  if (!aggregation.present()) return;
  Field selectors = aggregation["clusterRoleSelectors"];
  if (selectors.empty())
    errors.required(selectors, "at least one clusterRoleSelector required if aggregationRule is non-nil");
  for_each(selectors, [&](const Field& selector) { validate_label_selector(errors, selector); });
}

void validate_subject(Errors& errors, const Field& subject, Scope scope) {
  Field kind = subject["kind"], name = subject["name"], api_group = subject["apiGroup"], space = subject["namespace"];
  if (name.text().empty()) errors.required(name);
  if (kind.is("ServiceAccount")) {
    if (!name.text().empty()) errors.invalid_each(name, name.text(), formats::dns1123_subdomain(name.text()));
    if (!api_group.text().empty()) errors.not_supported(api_group, {""});
    if (scope == Scope::cluster && space.text().empty()) errors.required(space);
  } else if (kind.is_one_of({"User", "Group"})) {
    if (!api_group.is(group)) errors.not_supported(api_group, {group});
  } else {
    errors.not_supported(kind, {"ServiceAccount", "User", "Group"});
  }
}

void validate_binding(Errors& errors, const Field& object, Scope scope) {
  Field role = object["roleRef"], subjects = object["subjects"];
  Field api_group = role["apiGroup"], kind = role["kind"], name = role["name"];
  if (!api_group.is(group)) errors.not_supported(api_group, {group});
  if (scope == Scope::cluster) {
    if (!kind.is("ClusterRole")) errors.not_supported(kind, {"ClusterRole"});
  } else if (!kind.is_one_of({"Role", "ClusterRole"})) {
    errors.not_supported(kind, {"Role", "ClusterRole"});
  }
  if (name.text().empty())
    errors.required(name);
  else
    errors.invalid_each(name, name.text(), formats::path_segment(name.text()));
  for_each(subjects, [&](const Field& subject) { validate_subject(errors, subject, scope); });
}

void create_binding(Errors& errors, const Field& object) {
  validate_binding(errors, object, Scope::space);
}
void create_cluster_binding(Errors& errors, const Field& object) {
  validate_binding(errors, object, Scope::cluster);
}

// As the server's own type prints it.
void role_kept(Errors& errors, const Field& object, const Field& old_object) {
  Field role = object["roleRef"];
  if (equal(role, old_object["roleRef"])) return;
  errors.invalid_shown(role,
                       "{\"APIGroup\":" + shown(role["apiGroup"].text()) + ",\"Kind\":" + shown(role["kind"].text()) +
                           ",\"Name\":" + shown(role["name"].text()) + "}",
                       "cannot change roleRef");
}

}  // namespace

std::span<const KindRules> rbac_rules() {
  static constexpr std::array rows = {
      KindRules{group, "Role", create_role, nullptr, true},
      KindRules{group, "ClusterRole", create_cluster_role, nullptr, true},
      KindRules{group, "RoleBinding", create_binding, role_kept, true},
      KindRules{group, "ClusterRoleBinding", create_cluster_binding, role_kept, true},
  };
  return rows;
}

}  // namespace gatepost::kube
