// Whether a document fits its type, as structured-merge-diff asks before it merges: fields that the schema has, values
// of the right kind, keys that are there and not doubled.
#pragma once

#include <optional>
#include <string>

#include "kube/apply/type.h"

namespace gatepost::kube::apply {

enum class Doubled { refused, allowed };  // items of one key in a list

// The complaint: ".spec.foo: field not declared in schema", or "errors:" and one a line. Nothing if it fits.
std::optional<std::string> misfit(const Type& type, const json::Value& value, Doubled doubled);

}  // namespace gatepost::kube::apply
