// Timestamps and durations as text: RFC 3339 and Go's duration notation, in the ranges that CEL allows.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cel/value.h"

namespace gatepost::cel {

// Years 1 to 9999. Nothing if the text is not of the form or the moment is out of range.
std::optional<Value> parse_timestamp(std::string_view text);
// "1h2m3.5s", "-1.5h", "100us"; nanoseconds.
std::optional<std::int64_t> parse_duration(std::string_view text);

bool timestamp_in_range(std::int64_t seconds);

std::string timestamp_text(const Value& timestamp);
// Seconds with as many digits as needed: "3.5s".
std::string duration_seconds_text(std::int64_t nanoseconds);

// A time zone: UTC, "+01:30", or a name of the system's zone database.
struct CivilTime {
  std::int64_t year = 0;
  int month = 1;  // 1..12
  int day = 1;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int weekday = 0;  // 0: Sunday
  int yearday = 0;  // 0..365
};
std::optional<CivilTime> civil_time(std::int64_t seconds, std::string_view zone);

// Shortest text that reads back as the number, as Go's %g.
std::string double_text(double value);

}  // namespace gatepost::cel
