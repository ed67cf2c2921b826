#include "yaml/scalar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

namespace gatepost::yaml {
namespace {

bool one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

bool digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
bool is_float(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  if (std::size_t e = text.find_first_of("eE"); e != std::string_view::npos) {
    std::string_view exponent = text.substr(e + 1);
    if (exponent.starts_with('-') || exponent.starts_with('+')) exponent.remove_prefix(1);
    if (!digits(exponent)) return false;
    text = text.substr(0, e);
  }
  std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) return digits(text);
  std::string_view before = text.substr(0, dot), after = text.substr(dot + 1);
  if (before.empty()) return digits(after);
  return digits(before) && (after.empty() || digits(after));
}

std::optional<double> read_float(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ptr != text.data() + text.size()) return std::nullopt;
  if (read.ec == std::errc::result_out_of_range) {
    value = std::strtod(std::string(text).c_str(), nullptr);
    if (std::isinf(value)) return std::nullopt;
    return value;
  }
  if (read.ec != std::errc{}) return std::nullopt;
  return value;
}

struct Integer {
  bool negative = false;
  std::uint64_t magnitude = 0;
};

// strconv.ParseInt and ParseUint with base 0: 0x, 0o, 0b, a leading zero for octal.
std::optional<Integer> read_integer(std::string_view text) {
  Integer out;
  bool has_sign = text.starts_with('-') || text.starts_with('+');
  if (has_sign) {
    out.negative = text.front() == '-';
    text.remove_prefix(1);
  }
  int base = 10;
  if (text.size() > 1 && text[0] == '0') {
    char kind = static_cast<char>(text[1] | 0x20);
    base = kind == 'x' ? 16 : kind == 'b' ? 2 : 8;
    text.remove_prefix(kind == 'x' || kind == 'b' || kind == 'o' ? 2 : 1);
  }
  auto read = std::from_chars(text.data(), text.data() + text.size(), out.magnitude, base);
  if (text.empty() || read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  if (out.negative && out.magnitude > most + 1) return std::nullopt;
  if (has_sign && !out.negative && out.magnitude > most) return std::nullopt;  // ParseUint takes no sign
  return out;
}

Scalar number(const Integer& integer) {
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  if (integer.negative) return static_cast<std::int64_t>(~integer.magnitude + 1);
  if (integer.magnitude <= most) return static_cast<std::int64_t>(integer.magnitude);
  return integer.magnitude;
}

Scalar resolve_number(std::string_view text) {
  std::string plain;
  std::string_view cleaned = text;
  if (text.find('_') != std::string_view::npos) {
    std::copy_if(text.begin(), text.end(), std::back_inserter(plain), [](char c) { return c != '_'; });
    cleaned = plain;
  }
  if (auto integer = read_integer(cleaned)) return number(*integer);
  if (is_float(cleaned))
    if (auto value = read_float(cleaned)) return *value;
  return text;
}

}  // namespace

Scalar resolve_plain(std::string_view text) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (text.empty()) return std::monostate{};
  switch (text.front()) {
    case '~':
    case 'n':
    case 'N':
      if (one_of(text, {"~", "null", "Null", "NULL"})) return std::monostate{};
      if (one_of(text, {"n", "N", "no", "No", "NO"})) return false;
      return text;
    case 'y':
    case 'Y':
      if (one_of(text, {"y", "Y", "yes", "Yes", "YES"})) return true;
      return text;
    case 't':
    case 'T':
      if (one_of(text, {"true", "True", "TRUE"})) return true;
      return text;
    case 'f':
    case 'F':
      if (one_of(text, {"false", "False", "FALSE"})) return false;
      return text;
    case 'o':
    case 'O':
      if (one_of(text, {"on", "On", "ON"})) return true;
      if (one_of(text, {"off", "Off", "OFF"})) return false;
      return text;
    case '.':
      if (one_of(text, {".nan", ".NaN", ".NAN"})) return std::numeric_limits<double>::quiet_NaN();
      if (one_of(text, {".inf", ".Inf", ".INF"})) return infinity;
      if (is_float(text))
        if (auto value = read_float(text)) return *value;
      return text;
    case '+':
    case '-':
      if (one_of(text, {"+.inf", "+.Inf", "+.INF"})) return infinity;
      if (one_of(text, {"-.inf", "-.Inf", "-.INF"})) return -infinity;
      return resolve_number(text);
    default:
      return text.front() >= '0' && text.front() <= '9' ? resolve_number(text) : Scalar(text);
  }
}

}  // namespace gatepost::yaml
