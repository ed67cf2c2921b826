// The parameters that a binding brings to a policy (generic.CollectParams).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "admission/policy/binding.h"
#include "admission/policy/stored_objects.h"
#include "base/result.h"

namespace gatepost::admission {

// The policy is evaluated once with each; a null handle is a policy without parameters. An empty list: not at all.
// `request_namespace`: of the object that is admitted. The error is the reason why a binding cannot be used.
Result<std::vector<StoredObjects::Handle>> collect_params(const std::optional<ParamKind>& kind, const Binding& binding,
                                                          const std::string& request_namespace,
                                                          const kube::Registry& registry, StoredObjects& objects);

// Empty when the kind is known, else the reason why a policy that asks for it cannot be used.
std::string unknown_param_kind(const std::optional<ParamKind>& kind, const kube::Registry& registry);

}  // namespace gatepost::admission
