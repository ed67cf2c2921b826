#include "rehearse/span_text.h"

namespace gatepost::rehearse {

std::string span_text(std::chrono::milliseconds span) {
  const std::int64_t tenths = (span.count() + 50) / 100;
  constexpr std::int64_t ten_seconds = 100, minute = 600;
  if (tenths < ten_seconds) return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
  if (tenths < minute) return std::to_string(tenths / 10) + " s";
  const std::int64_t seconds = tenths / 10;
  std::string text = std::to_string(seconds / 60) + " min";
  if (seconds % 60 != 0) text += " " + std::to_string(seconds % 60) + " s";
  return text;
}

}  // namespace gatepost::rehearse
