#include "cel/time_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <fmt/format.h>

#include "cel/time_zone.h"

namespace gatepost::cel {

namespace {

// Numbers from here on are written with an exponent.
constexpr int kLargestFixedExponent = 6;
constexpr std::int64_t kFirstSecond = -62135596800;  // 0001-01-01T00:00:00Z
constexpr std::int64_t kLastSecond = 253402300799;   // 9999-12-31T23:59:59Z

// Reads fixed-width parts from the front of a text.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}
  bool number(std::size_t digits, int& out) {
    if (rest_.size() < digits) return false;
    out = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') return false;
      out = out * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(digits);
    return true;
  }
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::string_view rest() const { return rest_; }
  void skip(std::size_t count) { rest_.remove_prefix(count); }

 private:
  std::string_view rest_;
};

bool read_fraction(Reader& in, std::int32_t& nanos) {
  if (!in.take('.') && !in.take(',')) return true;
  std::size_t digits = 0;
  std::int64_t value = 0;
  while (digits < in.rest().size() && in.rest()[digits] >= '0' && in.rest()[digits] <= '9') {
    if (digits < 9) value = value * 10 + (in.rest()[digits] - '0');
    ++digits;
  }
  if (digits == 0) return false;
  for (std::size_t i = digits; i < 9; ++i) value *= 10;
  in.skip(digits);
  nanos = static_cast<std::int32_t>(value);
  return true;
}

struct Unit {
  std::string_view name;
  double nanoseconds;
};
constexpr Unit kUnits[] = {{"ns", 1},   {"us", 1e3}, {"\u00b5s", 1e3}, {"\u03bcs", 1e3},
                           {"ms", 1e6}, {"s", 1e9},  {"m", 60e9},      {"h", 3600e9}};

}  // namespace

bool timestamp_in_range(std::int64_t seconds) {
  return seconds >= kFirstSecond && seconds <= kLastSecond;
}

std::optional<Value> parse_timestamp(std::string_view text) {
  Reader in(text);
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  std::int32_t nanos = 0;
  const bool read = in.number(4, year) && in.take('-') && in.number(2, month) && in.take('-') && in.number(2, day) &&
                    in.take('T') && in.number(2, hour) && in.take(':') && in.number(2, minute) && in.take(':') &&
                    in.number(2, second) && read_fraction(in, nanos);
  if (!read || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  int offset = 0;
  if (!in.take('Z')) {
    const bool negative = in.rest().starts_with('-');
    int hours = 0;
    int minutes = 0;
    if (!(in.take('+') || in.take('-')) || !in.number(2, hours) || !in.take(':') || !in.number(2, minutes) ||
        hours > 24 || minutes > 59)
      return std::nullopt;
    offset = (hours * 60 + minutes) * (negative ? -60 : 60);
  }
  if (!in.rest().empty()) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  const std::int64_t seconds = days * 86400 + hour * 3600 + minute * 60 + second - offset;
  if (!timestamp_in_range(seconds)) return std::nullopt;
  return Value::of_timestamp(seconds, nanos);
}

std::optional<std::int64_t> parse_duration(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return 0;
  if (text.empty()) return std::nullopt;
  __int128 total = 0;
  while (!text.empty()) {
    std::size_t whole = 0;
    __int128 value = 0;
    while (whole < text.size() && text[whole] >= '0' && text[whole] <= '9') {
      value = value * 10 + (text[whole++] - '0');
      if (value > INT64_MAX) return std::nullopt;
    }
    text.remove_prefix(whole);
    std::size_t digits = 0;
    double fraction = 0;
    double scale = 1;
    if (text.starts_with('.')) {
      text.remove_prefix(1);
      while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
        fraction = fraction * 10 + (text[digits++] - '0');
        scale *= 10;
      }
      text.remove_prefix(digits);
    }
    if (whole == 0 && digits == 0) return std::nullopt;
    const std::size_t end = std::min(text.find_first_of(".0123456789"), text.size());
    const auto unit = std::find_if(std::begin(kUnits), std::end(kUnits),
                                   [&](const Unit& u) { return u.name == text.substr(0, end); });
    if (unit == std::end(kUnits)) return std::nullopt;
    text.remove_prefix(end);
    total += value * static_cast<std::int64_t>(unit->nanoseconds) +
             static_cast<std::int64_t>(fraction * (unit->nanoseconds / scale));
    if (total > static_cast<__int128>(INT64_MAX) + (negative ? 1 : 0)) return std::nullopt;
  }
  return static_cast<std::int64_t>(negative ? -total : total);
}

std::string timestamp_text(const Value& timestamp) {
  const CivilTime t = *civil_time(timestamp.integer, "UTC");
  std::string out =
      fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", t.year, t.month, t.day, t.hour, t.minute, t.second);
  if (timestamp.nanos != 0) {
    out += fmt::format(".{:09}", timestamp.nanos);
    out.erase(out.find_last_not_of('0') + 1);
  }
  return out + "Z";
}

std::string duration_seconds_text(std::int64_t nanoseconds) {
  return fmt::format("{}s", [&] {
    // Digits by integer arithmetic, so that nothing is rounded.
    const bool negative = nanoseconds < 0;
    const std::uint64_t magnitude =
        negative ? 0 - static_cast<std::uint64_t>(nanoseconds) : static_cast<std::uint64_t>(nanoseconds);
    std::string out = fmt::format("{}{}", negative ? "-" : "", magnitude / 1'000'000'000);
    if (magnitude % 1'000'000'000 != 0) {
      out += fmt::format(".{:09}", magnitude % 1'000'000'000);
      out.erase(out.find_last_not_of('0') + 1);
    }
    return out;
  }());
}

std::optional<CivilTime> civil_time(std::int64_t seconds, std::string_view zone) {
  const auto offset = zone_offset(zone, seconds);
  if (!offset) return std::nullopt;
  const std::int64_t local = seconds + *offset;
  const std::int64_t days = local >= 0 ? local / 86400 : (local - 86399) / 86400;
  const std::int64_t rest = local - days * 86400;
  const std::chrono::sys_days day{std::chrono::days(days)};
  const std::chrono::year_month_day date{day};
  CivilTime out;
  out.year = static_cast<int>(date.year());
  out.month = static_cast<int>(static_cast<unsigned>(date.month()));
  out.day = static_cast<int>(static_cast<unsigned>(date.day()));
  out.hour = static_cast<int>(rest / 3600);
  out.minute = static_cast<int>(rest / 60 % 60);
  out.second = static_cast<int>(rest % 60);
  out.weekday = static_cast<int>(std::chrono::weekday(day).c_encoding());
  out.yearday = static_cast<int>((day - std::chrono::sys_days(date.year() / 1 / 1)).count());
  return out;
}

std::string double_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Inf" : "+Inf";
  std::array<char, 64> buffer{};
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific).ptr;
  std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  const std::size_t e = text.find('e');
  int exponent = 0;
  const std::string_view power = text.substr(text[e + 1] == '+' ? e + 2 : e + 1);
  std::from_chars(power.data(), power.data() + power.size(), exponent);
  if (exponent < -4 || exponent >= kLargestFixedExponent) return std::string(text);
  const auto fixed = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed).ptr;
  return {buffer.data(), fixed};
}

}  // namespace gatepost::cel
