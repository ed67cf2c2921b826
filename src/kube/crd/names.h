// The status that the API server itself gives a definition: which names are accepted, and whether it is established
// (apiextensions-apiserver's naming and establishing controllers).
#pragma once

#include <chrono>
#include <vector>

#include "json/value.h"

namespace gatepost::kube::crd {

// Brings acceptedNames and the conditions of `object` up to date. `others`: all stored definitions. True when the
// status changed.
bool settle_status(json::Value& object, const std::vector<const json::Value*>& others,
                   std::chrono::system_clock::time_point now);

// Sets or replaces the condition of this type; the time changes only with the status.
void set_condition(json::Value& object, std::string_view type, std::string_view status, std::string_view reason,
                   std::string_view message, std::chrono::system_clock::time_point now);

}  // namespace gatepost::kube::crd
