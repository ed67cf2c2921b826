// What the server answers outside of resources: discovery, OpenAPI, health, metrics, version.
#pragma once

#include <optional>

#include "apiserver/call.h"

namespace gatepost::apiserver {

// The answer to a path that is no resource, nullopt when there is nothing there (404).
Handled<std::optional<Answer>> handle_path(Call& call);

}  // namespace gatepost::apiserver
