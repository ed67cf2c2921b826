// Durations as Go's time.ParseDuration reads them: "300ms", "-1.5h", "2h45m".
#pragma once

#include <chrono>
#include <string_view>

#include "base/result.h"

namespace gatepost::formats {

// The error is Go's: `time: invalid duration "soon"`, `time: missing unit in duration "5"`.
Result<std::chrono::nanoseconds> parse_go_duration(std::string_view text);

}  // namespace gatepost::formats
