// Discovery: /api, /apis, their groups and versions, plain (APIResourceList, APIGroup) and aggregated
// (APIGroupDiscoveryList), from the registry.
#pragma once

#include <optional>

#include "apiserver/call.h"

namespace gatepost::apiserver {

// nullopt when the path is not about discovery or the group or version is not served.
std::optional<Answer> discovery_answer(const Call& call);

}  // namespace gatepost::apiserver
