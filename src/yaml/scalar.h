// What a scalar means: the rules of go-yaml v2, which Kubernetes reads YAML with (YAML 1.1 with less: yes and on are
// booleans, 0777 is octal, 1_000 a number, times are texts).
#pragma once

#include <string_view>
#include <variant>

#include "base/result.h"

namespace gatepost::yaml {

using Scalar = std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string_view>;

// A plain scalar without a tag.
Scalar resolve_plain(std::string_view text);

}  // namespace gatepost::yaml
