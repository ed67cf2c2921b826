// Values of versioned objects as kube-apiserver's error texts print them: converted to its internal structs, then
// through encoding/json, every field shown that has no omitempty.
#pragma once

#include <string>
#include <string_view>

#include "json/value.h"

namespace gatepost::kube {

// `value` (null: unset) as the internal `type`, as data/internal-types.txt writes types, on one line. `around`: the
// object that holds it, if any, for what internal structs take from there.
std::string internal_text(const json::Value* value, std::string_view type, const json::Value* around = nullptr);

// What a refused change shows: the unified diff, three lines of context, of both values indented by one blank a level.
// The old value is printed as it comes back from the store.
std::string internal_diff(const json::Value* before, const json::Value* now, std::string_view type);

}  // namespace gatepost::kube
