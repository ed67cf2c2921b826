// Owners of replicas, seen through the scale subresource: entries of the scaled object about spec.replicas become those
// of its Scale, and back.
#pragma once

#include <string_view>

#include "json/value.h"

namespace gatepost::kube::apply {

// The Scale's entries from those of the object; null if there are none.
json::Value scale_entries(const json::Value* managed_fields, const json::Storage& storage);

// The object's entries (in `api_version`) after the Scale was written with `scale_fields`. Null if nothing is owned.
json::Value entries_after_scale(const json::Value* managed_fields, const json::Value* scale_fields,
                                std::string_view api_version, const json::Storage& storage);

}  // namespace gatepost::kube::apply
