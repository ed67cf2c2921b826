// The objects of one change in the versions that their managers' paths are in.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "kube/apply/type.h"
#include "kube/registry/registry.h"

namespace gatepost::kube::apply {

// "apps/v1" -> group and version, with the kind of `like`.
GroupVersionKind kind_in(std::string_view api_version, const GroupVersionKind& like);

// Nothing for a version that the server does not know.
std::optional<Type> type_in(std::string_view api_version, const GroupVersionKind& like);

// `object`, which is of kind `kind`, in another version; nothing if there is no such version.
std::optional<json::Value> in_version(const json::Value& object, const GroupVersionKind& kind,
                                      std::string_view api_version);

}  // namespace gatepost::kube::apply
