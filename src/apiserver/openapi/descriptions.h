// The descriptions that `kubectl explain` shows, from data/descriptions.txt. What has none there is described by its
// name, as every type and field of the real server has a description.
#pragma once

#include "json/value.h"

namespace gatepost::apiserver {

// Adds a description to each definition ("io.k8s.api.core.v1.Pod" and its like) and to its properties.
void describe(json::Object& definitions);

}  // namespace gatepost::apiserver
