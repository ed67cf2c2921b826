// Times of the wall clock in the forms that Kubernetes prints.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace gatepost {

using WallTime = std::chrono::system_clock::time_point;

std::string rfc3339(WallTime time);        // 2026-11-25T10:00:00Z (metav1.Time)
std::string rfc3339_micro(WallTime time);  // 2026-11-25T10:00:00.000000Z (metav1.MicroTime)
// Reads the first of these forms.
std::optional<WallTime> parse_rfc3339(std::string_view text);
std::string http_date(WallTime time);  // Wed, 25 Nov 2026 10:00:00 GMT

}  // namespace gatepost
