#include "formats/go_duration.h"

#include <cstdint>
#include <limits>
#include <string>

namespace gatepost::formats {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t nanoseconds;
};

constexpr Unit units[] = {{"ns", 1},       {"us", 1000},      {"\xc2\xb5s", 1000},   {"\xce\xbcs", 1000},
                          {"ms", 1000000}, {"s", 1000000000}, {"m", 60000000000ull}, {"h", 3600000000000ull}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

Result<std::chrono::nanoseconds> parse_go_duration(std::string_view text) {
  const std::string quoted = "\"" + std::string(text) + "\"";
  auto invalid = [&] { return fail("time: invalid duration " + quoted); };
  std::string_view rest = text;
  bool negative = false;
  if (!rest.empty() && (rest[0] == '-' || rest[0] == '+')) {
    negative = rest[0] == '-';
    rest.remove_prefix(1);
  }
  if (rest == "0") return std::chrono::nanoseconds(0);
  if (rest.empty()) return invalid();
  constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  std::uint64_t total = 0;
  while (!rest.empty()) {
    if (!is_digit(rest[0]) && rest[0] != '.') return invalid();
    std::uint64_t whole = 0;
    std::size_t digits = 0;
    while (!rest.empty() && is_digit(rest[0])) {
      if (whole > most / 10) return invalid();
      whole = whole * 10 + static_cast<std::uint64_t>(rest[0] - '0');
      rest.remove_prefix(1);
      ++digits;
    }
    double fraction = 0, scale = 1;
    if (!rest.empty() && rest[0] == '.') {
      rest.remove_prefix(1);
      while (!rest.empty() && is_digit(rest[0])) {
        scale /= 10;
        fraction += scale * (rest[0] - '0');
        rest.remove_prefix(1);
        ++digits;
      }
    }
    if (digits == 0) return invalid();
    std::size_t length = 0;
    while (length < rest.size() && rest[length] != '.' && !is_digit(rest[length])) ++length;
    if (length == 0) return fail("time: missing unit in duration " + quoted);
    std::string_view name = rest.substr(0, length);
    rest.remove_prefix(length);
    const Unit* unit = nullptr;
    for (const Unit& candidate : units)
      if (candidate.name == name) unit = &candidate;
    if (!unit) return fail("time: unknown unit \"" + std::string(name) + "\" in duration " + quoted);
    if (whole > most / unit->nanoseconds) return invalid();
    std::uint64_t part =
        whole * unit->nanoseconds + static_cast<std::uint64_t>(fraction * static_cast<double>(unit->nanoseconds));
    if (part > most || total > most - part) return invalid();
    total += part;
  }
  auto signed_total = static_cast<std::int64_t>(total);
  return std::chrono::nanoseconds(negative ? -signed_total : signed_total);
}

namespace {

// `count` units of which `per` make one: 1500 of 1000 is "1.5".
std::string with_fraction(std::int64_t count, std::int64_t per) {
  std::string out = std::to_string(count / per);
  std::string fraction = std::to_string(per + count % per).substr(1);
  while (fraction.ends_with('0')) fraction.pop_back();
  return fraction.empty() ? out : out + "." + fraction;
}

}  // namespace

std::string go_duration_text(std::chrono::nanoseconds duration) {
  constexpr std::int64_t micro = 1000, milli = 1000 * micro, second = 1000 * milli;
  std::int64_t count = duration.count();
  if (count <= 0) return "0s";
  if (count < micro) return std::to_string(count) + "ns";
  if (count < milli) return with_fraction(count, micro) + "\u00b5s";
  if (count < second) return with_fraction(count, milli) + "ms";
  std::int64_t hours = count / (3600 * second), minutes = count / (60 * second) % 60;
  std::string out;
  if (hours > 0) out = std::to_string(hours) + "h";
  if (hours > 0 || minutes > 0) out += std::to_string(minutes) + "m";
  return out + with_fraction(count % (60 * second), second) + "s";
}

}  // namespace gatepost::formats
