// Spans of time for people: "0.4 s", "12 s", "5 min 20 s".
#pragma once

#include <chrono>
#include <string>

namespace gatepost::rehearse {

std::string span_text(std::chrono::milliseconds span);

}  // namespace gatepost::rehearse
