// Times as metav1.Time and metav1.MicroTime read and print them: Go's time.Parse of two RFC 3339 layouts, with its
// error texts and its leniencies (an hour of one digit, fractions of a second after a dot or a comma).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gatepost::formats {

enum class TimeLayout {
  seconds,  // 2006-01-02T15:04:05Z07:00; a fraction may stand in the text all the same
  micro,    // 2006-01-02T15:04:05.000000Z07:00
};

struct GoTime {
  std::int64_t seconds = 0;  // since 1970, UTC
  std::int32_t nanos = 0;

  // Go's zero time, 1 January of the year 1: what JSON shows as null.
  bool is_zero() const;
  // In UTC, whole seconds or six digits of the fraction.
  std::string print(TimeLayout layout) const;
};

// Fails with `parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"` or `parsing time "x": hour
// out of range`.
Result<GoTime> parse_time(std::string_view text, TimeLayout layout);

// Whether `text` is already what print() makes of it: "2026-11-25T10:00:00Z" with a date and time that exist.
bool is_printed_time(std::string_view text, TimeLayout layout);

}  // namespace gatepost::formats
