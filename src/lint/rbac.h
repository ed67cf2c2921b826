// Who may do what, by the Roles and bindings of the input.
#pragma once

#include <string>
#include <string_view>

#include "kube/rbac_rules.h"
#include "lint/model.h"

namespace gatepost::lint {

// Whether a binding of the input gives the service account this right in the whole cluster.
bool grants(const Model& model, std::string_view ns, std::string_view service_account,
            const kube::AccessRequest& request);

// The role that a binding refers to; null for one that is not in the input.
const Manifest* role_of(const Model& model, const Manifest& binding);
// Bindings of the input that refer to the role.
std::vector<const Manifest*> bindings_of(const Model& model, const Manifest& role);

struct Subject {
  std::string kind, ns, name;
};
std::vector<Subject> subjects_of(const Manifest& binding);

}  // namespace gatepost::lint
