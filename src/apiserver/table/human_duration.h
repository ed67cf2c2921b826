// "5m10s": ages as kubectl shows them (apimachinery's duration.HumanDuration).
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/time.h"

namespace gatepost::apiserver {

std::string human_duration(std::chrono::seconds duration);

// The age of an RFC 3339 time; "<unknown>" when it is empty or no time.
std::string age_of(std::string_view timestamp, WallTime now);

}  // namespace gatepost::apiserver
