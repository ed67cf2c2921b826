// The built-in admission step NamespaceLifecycle: nothing is made in a namespace that is not there or is going, and the
// system's namespaces stay.
#pragma once

#include "admission/attributes.h"
#include "apiserver/call.h"

namespace gatepost::apiserver {

kube::ApiResult<void> check_namespace_lifecycle(const Call& call, const admission::Attributes& attributes);

}  // namespace gatepost::apiserver
