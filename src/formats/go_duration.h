// Durations as Go's time.ParseDuration reads them: "300ms", "-1.5h", "2h45m", and as Duration.String prints them.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gatepost::formats {

// The error is Go's: `time: invalid duration "soon"`, `time: missing unit in duration "5"`.
Result<std::chrono::nanoseconds> parse_go_duration(std::string_view text);

// "1.002621092s", "53.419µs", "1h0m3s", "0s". Negative ones are not needed and print as "0s".
std::string go_duration_text(std::chrono::nanoseconds duration);

}  // namespace gatepost::formats
