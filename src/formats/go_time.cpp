#include "formats/go_time.h"

#include <chrono>
#include <cstdio>
#include <optional>

namespace gatepost::formats {
namespace {

constexpr std::int64_t zero_seconds = -62135596800;  // 0001-01-01T00:00:00Z

std::string_view layout_text(TimeLayout layout) {
  return layout == TimeLayout::seconds ? "2006-01-02T15:04:05Z07:00" : "2006-01-02T15:04:05.000000Z07:00";
}

bool is_digit(std::string_view text, std::size_t at) {
  return at < text.size() && text[at] >= '0' && text[at] <= '9';
}

bool is_point(char c) {
  return c == '.' || c == ',';
}

int two_digits(std::string_view text, std::size_t at) {
  return (text[at] - '0') * 10 + (text[at + 1] - '0');
}

int days_in(int month, int year) {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

// Package time's own quoting, which is not strconv.Quote: bytes beyond ASCII as \x.
std::string quoted(std::string_view text) {
  static constexpr char hex[] = "0123456789abcdef";
  std::string out = "\"";
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 || byte < 0x20) {
      out.append("\\x");
      out.push_back(hex[byte >> 4]);
      out.push_back(hex[byte & 15]);
      continue;
    }
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  out.push_back('"');
  return out;
}

// One element of the layout after the other, as time.Parse goes through it.
class Parser {
 public:
  Parser(std::string_view text, TimeLayout layout) : text_(text), rest_(text), layout_(layout) {}

  Result<GoTime> parse() {
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    bool read = long_year(year) && literal("-") && number(month, "01", Digits::two) &&
                within(month >= 1 && month <= 12, "month") && literal("-") && number(day, "02", Digits::two) &&
                literal("T") && number(hour, "15", Digits::one_or_two) && within(hour < 24, "hour") && literal(":") &&
                number(minute, "04", Digits::two) && within(minute < 60, "minute") && literal(":") &&
                number(second, "05", Digits::two) && within(second < 60, "second") && fraction() && zone();
    if (!read) return fail(std::move(error_));
    if (!rest_.empty()) return fail(problem(": extra text: " + quoted(rest_)));
    if (day < 1 || day > days_in(month, year)) return fail(problem(": day out of range"));
    std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                     std::chrono::day(static_cast<unsigned>(day))};
    std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
    return GoTime{days * 86400 + hour * 3600 + minute * 60 + second - offset_, nanos_};
  }

 private:
  enum class Digits { two, one_or_two };

  std::string problem(std::string_view what) const { return "parsing time " + quoted(text_) + std::string(what); }

  // `rest`: what stood where the element was wanted.
  bool wrong(std::string_view element, std::string_view rest) {
    error_ =
        problem(" as " + quoted(layout_text(layout_)) + ": cannot parse " + quoted(rest) + " as " + quoted(element));
    return false;
  }

  bool within(bool is, std::string_view what) {
    if (!is) error_ = problem(": " + std::string(what) + " out of range");
    return is;
  }

  bool literal(std::string_view text) {
    if (!rest_.starts_with(text)) return wrong(text, rest_);
    rest_.remove_prefix(text.size());
    return true;
  }

  bool long_year(int& year) {
    for (std::size_t i = 0; i < 4; ++i)
      if (!is_digit(rest_, i)) return wrong("2006", rest_);
    year = two_digits(rest_, 0) * 100 + two_digits(rest_, 2);
    rest_.remove_prefix(4);
    return true;
  }

  bool number(int& value, std::string_view element, Digits digits) {
    if (is_digit(rest_, 0) && is_digit(rest_, 1)) {
      value = two_digits(rest_, 0);
      rest_.remove_prefix(2);
      return true;
    }
    if (digits == Digits::two || !is_digit(rest_, 0)) return wrong(element, rest_);
    value = rest_[0] - '0';
    rest_.remove_prefix(1);
    return true;
  }

  // The point and the digits behind it: `length` characters of the rest.
  bool nanoseconds(std::size_t length) {
    std::size_t used = std::min<std::size_t>(length, 10);
    std::int32_t value = 0;
    for (std::size_t i = 1; i < 10; ++i) value = value * 10 + (i < used ? rest_[i] - '0' : 0);
    nanos_ = value;
    rest_.remove_prefix(length);
    return true;
  }

  bool fraction() {
    if (layout_ == TimeLayout::micro) {
      constexpr std::size_t length = 7;
      bool right = rest_.size() >= length && is_point(rest_[0]);
      for (std::size_t i = 1; right && i < length; ++i) right = is_digit(rest_, i);
      return right ? nanoseconds(length) : wrong(".000000", rest_);
    }
    if (rest_.size() < 2 || !is_point(rest_[0]) || !is_digit(rest_, 1)) return true;
    std::size_t length = 2;
    while (is_digit(rest_, length)) ++length;
    return nanoseconds(length);
  }

  bool zone() {
    constexpr std::string_view element = "Z07:00";
    if (rest_.starts_with('Z')) {
      rest_.remove_prefix(1);
      return true;
    }
    std::string_view hold = rest_;
    if (hold.size() < 6 || hold[3] != ':') return wrong(element, hold);
    rest_.remove_prefix(6);
    bool hours = is_digit(hold, 1) && is_digit(hold, 2);
    int hour = hours ? two_digits(hold, 1) : 0;
    bool minutes = hours && is_digit(hold, 4) && is_digit(hold, 5);
    int minute = minutes ? two_digits(hold, 4) : 0;
    // The minute's range is looked at last and so is the one that is told.
    if (hour > 24 && minute <= 60) return within(false, "time zone offset hour");
    if (minute > 60) return within(false, "time zone offset minute");
    if (!minutes || (hold[0] != '+' && hold[0] != '-')) return wrong(element, hold);
    offset_ = (hour * 60 + minute) * 60;
    if (hold[0] == '-') offset_ = -offset_;
    return true;
  }

  std::string_view text_, rest_;
  TimeLayout layout_;
  std::int32_t nanos_ = 0;
  std::int64_t offset_ = 0;
  std::string error_;
};

}  // namespace

bool GoTime::is_zero() const {
  return seconds == zero_seconds && nanos == 0;
}

std::string GoTime::print(TimeLayout layout) const {
  std::int64_t days = seconds >= 0 ? seconds / 86400 : -((-seconds + 86399) / 86400);
  std::int64_t rest = seconds - days * 86400;
  std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(days))};
  char buffer[64];
  int n = std::snprintf(buffer, sizeof buffer, "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                        static_cast<int>(rest / 3600), static_cast<int>(rest / 60 % 60), static_cast<int>(rest % 60));
  std::string out(buffer, static_cast<std::size_t>(n));
  if (layout == TimeLayout::micro) {
    n = std::snprintf(buffer, sizeof buffer, ".%06d", static_cast<int>(nanos / 1000));
    out.append(buffer, static_cast<std::size_t>(n));
  }
  out.push_back('Z');
  return out;
}

Result<GoTime> parse_time(std::string_view text, TimeLayout layout) {
  return Parser(text, layout).parse();
}

bool is_printed_time(std::string_view text, TimeLayout layout) {
  constexpr std::string_view form = "0000-00-00T00:00:00";
  constexpr std::string_view seconds_tail = "Z", micro_tail = ".000000Z";
  std::string_view tail = layout == TimeLayout::seconds ? seconds_tail : micro_tail;
  if (text.size() != form.size() + tail.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char want = i < form.size() ? form[i] : tail[i - form.size()];
    if (want == '0' ? !is_digit(text, i) : text[i] != want) return false;
  }
  int year = two_digits(text, 0) * 100 + two_digits(text, 2), month = two_digits(text, 5), day = two_digits(text, 8);
  return year >= 2 && month >= 1 && month <= 12 && day >= 1 && day <= days_in(month, year) &&
         two_digits(text, 11) < 24 && two_digits(text, 14) < 60 && two_digits(text, 17) < 60;
}

}  // namespace gatepost::formats
