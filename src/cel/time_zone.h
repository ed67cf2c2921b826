// Offsets of time zones: "UTC", "+01:30", "-8:00", or a name of the system's zone database.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gatepost::cel {

// Seconds east of UTC at the moment; nothing if there is no such zone.
std::optional<std::int32_t> zone_offset(std::string_view zone, std::int64_t seconds);

}  // namespace gatepost::cel
