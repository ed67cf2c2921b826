// The objects of one change in the versions that their managers' paths are in.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "kube/apply/field_manager.h"
#include "kube/apply/type.h"

namespace gatepost::kube::apply {

// "apps/v1" -> group and version, with the kind of `like`.
TypedKind kind_in(std::string_view api_version, const TypedKind& like);

// Null for a kind that the server does not know.
const Schema* schema_of(const TypedKind& kind);

// Nothing for a version that the server does not know.
std::optional<Type> type_in(std::string_view api_version, const TypedKind& like);

// `object`, which is of kind `kind`, in another version; nothing if there is no such version.
std::optional<json::Value> in_version(const json::Value& object, const TypedKind& kind, std::string_view api_version);

}  // namespace gatepost::kube::apply
