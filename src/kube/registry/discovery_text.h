// Aggregated discovery (APIGroupDiscoveryList) of custom resources: their groups, joined to the built-in document.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kube/registry/registry.h"

namespace gatepost::kube {

// `document` with the groups of `custom` at the end of its items. Versions of a group come in the order of `custom`.
std::string joined_discovery(std::string_view document, const std::vector<std::shared_ptr<const ResourceInfo>>& custom);

}  // namespace gatepost::kube
