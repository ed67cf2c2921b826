#include "explain/log_time.h"

#include <array>
#include <chrono>

#include "explain/pattern.h"

namespace gatepost::explain {
namespace {

constexpr std::size_t longest_head = 400;
constexpr std::int64_t day = 86400;
constexpr std::int64_t latest =
    7258118400;  // 2200-01-01: what lies behind is no time of a log, and would not fit into nanoseconds

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  if (text.size() < at + count) return std::nullopt;
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (!is_digit(text[i])) return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

std::optional<std::int64_t> unix_seconds(int year, int month, int d, int hour, int minute, int second) {
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(d))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const auto days = std::chrono::sys_days(date).time_since_epoch().count();
  const std::int64_t seconds = days * day + hour * 3600 + minute * 60 + second;
  if (seconds < 0 || seconds > latest) return std::nullopt;
  return seconds;
}

std::optional<std::int64_t> clock_at(std::string_view text, std::size_t at, int year, int month, int d) {
  const auto hour = digits(text, at, 2), minute = digits(text, at + 3, 2), second = digits(text, at + 6, 2);
  if (!hour || !minute || !second || text[at + 2] != ':' || text[at + 5] != ':') return std::nullopt;
  return unix_seconds(year, month, d, *hour, *minute, *second);
}

int year_of(std::int64_t seconds) {
  const std::chrono::sys_days days{std::chrono::days(seconds / day)};
  return static_cast<int>(std::chrono::year_month_day(days).year());
}

// Without a year: this year's, or last year's where that would lie in the future.
std::optional<std::int64_t> nearest(std::string_view text, std::size_t clock, int month, int d, std::int64_t now) {
  const int year = year_of(now);
  auto time = clock_at(text, clock, year, month, d);
  if (!time || *time > now + day) time = clock_at(text, clock, year - 1, month, d);
  return time;
}

std::optional<std::int64_t> klog(std::string_view text, std::int64_t now) {
  if (text.size() < 14 || std::string_view("IWEF").find(text[0]) == std::string_view::npos || text[5] != ' ')
    return std::nullopt;
  const auto month = digits(text, 1, 2), d = digits(text, 3, 2);
  return month && d ? nearest(text, 6, *month, *d, now) : std::nullopt;
}

std::optional<std::int64_t> syslog(std::string_view text, std::int64_t now) {
  static constexpr std::array<std::string_view, 12> months = {"jan", "feb", "mar", "apr", "may", "jun",
                                                              "jul", "aug", "sep", "oct", "nov", "dec"};
  if (text.size() < 15 || text[3] != ' ' || text[6] != ' ') return std::nullopt;
  for (std::size_t i = 0; i < months.size(); ++i) {
    bool same = true;
    for (std::size_t j = 0; j < 3; ++j) same = same && lower(text[j]) == months[i][j];
    if (!same) continue;
    const auto d = text[4] == ' ' ? digits(text, 5, 1) : digits(text, 4, 2);
    return d ? nearest(text, 7, static_cast<int>(i + 1), *d, now) : std::nullopt;
  }
  return std::nullopt;
}

// The value of a time key of a JSON line.
std::optional<std::int64_t> keyed(std::string_view text) {
  static constexpr std::array<std::string_view, 7> keys = {
      "\"requestReceivedTimestamp\":", "\"ts\":",           "\"time\":", "\"timestamp\":", "\"@timestamp\":",
      "\"stageTimestamp\":",           "\"lastTimestamp\":"};
  for (std::string_view key : keys) {
    std::size_t at = text.find(key);
    if (at == std::string_view::npos) continue;
    at += key.size();
    while (at < text.size() && (text[at] == ' ' || text[at] == '"')) ++at;
    if (auto time = parse_time(text.substr(at))) return time;
    std::size_t count = 0;
    while (at + count < text.size() && is_digit(text[at + count])) ++count;
    if (count < 10 || count > 19) continue;
    std::int64_t seconds = 0;  // of milliseconds and nanoseconds the first ten digits
    for (std::size_t i = at; i < at + 10; ++i) seconds = seconds * 10 + (text[i] - '0');
    if (seconds <= latest) return seconds;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::int64_t> parse_time(std::string_view text) {
  const auto year = digits(text, 0, 4), month = digits(text, 5, 2), d = digits(text, 8, 2);
  if (!year || !month || !d || text.size() < 19) return std::nullopt;
  const bool dashes = text[4] == '-' && text[7] == '-', slashes = text[4] == '/' && text[7] == '/';
  if ((!dashes && !slashes) || (text[10] != 'T' && text[10] != ' ' && text[10] != 't')) return std::nullopt;
  auto time = clock_at(text, 11, *year, *month, *d);
  if (!time) return std::nullopt;
  std::size_t at = 19;
  if (at < text.size() && (text[at] == '.' || text[at] == ',')) {
    ++at;
    while (at < text.size() && is_digit(text[at])) ++at;
  }
  if (at < text.size() && (text[at] == '+' || text[at] == '-')) {
    const auto hours = digits(text, at + 1, 2);
    const std::size_t colon = at + 3 < text.size() && text[at + 3] == ':' ? 1 : 0;
    const auto minutes = digits(text, at + 3 + colon, 2);
    if (hours && minutes) *time -= (text[at] == '+' ? 1 : -1) * (*hours * 3600 + *minutes * 60);
  }
  return time;
}

std::optional<std::int64_t> log_time(std::string_view before, std::string_view after, std::int64_t now) {
  const std::string_view head = before.substr(0, longest_head);
  std::optional<std::int64_t> without_year;
  for (std::size_t at = 0; at < head.size(); ++at) {
    if (at > 0 && (is_digit(head[at - 1]) || (lower(head[at - 1]) >= 'a' && lower(head[at - 1]) <= 'z'))) continue;
    const std::string_view rest = head.substr(at);
    if (is_digit(rest[0])) {
      if (auto time = parse_time(rest)) return time;
    } else if (!without_year) {
      without_year = klog(rest, now);
      if (!without_year) without_year = syslog(rest, now);
    }
  }
  if (without_year) return without_year;
  if (auto time = keyed(before)) return time;
  return keyed(after);
}

}  // namespace gatepost::explain
