// Values of type kubernetes.NamedFormat.
#pragma once

#include "cel/value.h"

namespace gatepost::cel {

// The size of the pattern behind the format, for cost; 0 for other values.
std::uint64_t named_format_pattern_size(const Value& value);

}  // namespace gatepost::cel
