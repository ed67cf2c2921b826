// The path element of an item of a list that is a set or has keys.
#pragma once

#include "base/result.h"
#include "kube/apply/type.h"

namespace gatepost::kube::apply {

// `list` must be typed and not atomic. The error is structured-merge-diff's text.
Result<PathElement> element_of(FieldArena& arena, const Type& list, const json::Value& item);

}  // namespace gatepost::kube::apply
