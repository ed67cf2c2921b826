#include "cel/ext/format.h"

#include <algorithm>
#include <bitset>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <vector>

#include "cel/ext/early_format.h"
#include "cel/time_text.h"

namespace gatepost::cel {

namespace {

constexpr int kDefaultPrecision = 6;
constexpr int kMostPrecision = 1000;
constexpr std::string_view kClauses = "sdfebxXo";

std::string special_double(double v) {
  return std::isnan(v) ? "NaN" : v < 0 ? "-Infinity" : "Infinity";
}

std::string fixed_shortest(double v) {
  if (!std::isfinite(v)) return special_double(v);
  return fmt::format("{}", [&] {
    char buffer[400];
    const auto end = std::to_chars(buffer, buffer + sizeof(buffer), v, std::chars_format::fixed).ptr;
    return std::string(buffer, end);
  }());
}

Failure<Error> wrong(std::string_view allowed, const Value& given) {
  return fail("error during formatting: " + std::string(allowed) + ", was given " + type_of(given)->name);
}

bool is_whole(const Value& v) {
  return v.is(ValueKind::Int) || v.is(ValueKind::Uint);
}

std::string whole_text(const Value& v, int base, bool upper) {
  const bool negative = v.is(ValueKind::Int) && v.integer < 0;
  const std::uint64_t magnitude = negative ? 0 - v.unsigned_integer : v.unsigned_integer;
  char buffer[72];
  std::string out(buffer, std::to_chars(buffer, buffer + sizeof(buffer), magnitude, base).ptr);
  if (upper)
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return negative ? "-" + out : out;
}

double as_double(const Value& v) {
  return v.is(ValueKind::Double) ? v.real
         : v.is(ValueKind::Int)  ? static_cast<double>(v.integer)
                                 : static_cast<double>(v.unsigned_integer);
}

std::string hex_bytes(std::string_view bytes, bool upper) {
  std::string out;
  for (const char c : bytes)
    out += upper ? fmt::format("{:02X}", static_cast<unsigned char>(c))
                 : fmt::format("{:02x}", static_cast<unsigned char>(c));
  return out;
}

Result<std::string> real_text(const Value& v, int precision, bool scientific) {
  if (!is_whole(v) && !v.is(ValueKind::Double))
    return wrong(
        std::string(scientific ? "scientific" : "fixed-point") + " clause can only be used on ints, uints, and doubles",
        v);
  const double real = as_double(v);
  if (!std::isfinite(real)) return special_double(real);
  return scientific ? fmt::format("{:.{}e}", real, precision) : fmt::format("{:.{}f}", real, precision);
}

Result<std::string> clause_text(char clause, int precision, const Value& v) {
  switch (clause) {
    case 's': {
      auto out = plain_text(v);
      if (!out) return fail("error during formatting: " + out.error().text);
      return out;
    }
    case 'd':
      if (v.is(ValueKind::Double)) return fixed_shortest(v.real);
      if (is_whole(v)) return whole_text(v, 10, false);
      return wrong("decimal clause can only be used on ints, uints, and doubles", v);
    case 'f':
      return real_text(v, precision, false);
    case 'e':
      return real_text(v, precision, true);
    case 'b':
      if (v.is(ValueKind::Bool)) return std::string(v.boolean ? "1" : "0");
      if (is_whole(v)) return whole_text(v, 2, false);
      return wrong("only ints, uints, and bools can be formatted as binary", v);
    case 'x':
    case 'X':
      if (is_whole(v)) return whole_text(v, 16, clause == 'X');
      if (v.is(ValueKind::String) || v.is(ValueKind::Bytes)) return hex_bytes(v.text(), clause == 'X');
      return wrong("only ints, uints, bytes, and strings can be formatted as hex", v);
    case 'o':
      if (is_whole(v)) return whole_text(v, 8, false);
      return wrong("octal clause can only be used on ints and uints", v);
    default:
      return fail(std::string("could not parse formatting clause: unrecognized formatting clause \"") + clause + "\"");
  }
}

Result<int> read_precision(std::string_view format, std::size_t& at) {
  if (format[at] != '.') return kDefaultPrecision;
  const std::size_t start = ++at;
  while (at < format.size() && format[at] >= '0' && format[at] <= '9') ++at;
  if (at >= format.size())
    return fail(
        "could not parse formatting clause: error while parsing precision: could not find end of precision specifier");
  int precision = 0;
  const auto [end, error] = std::from_chars(format.data() + start, format.data() + at, precision);
  if (error != std::errc{} || at == start || precision > kMostPrecision)
    return fail(
        "could not parse formatting clause: error while parsing precision: error while converting precision to "
        "integer");
  return precision;
}

}  // namespace

Result<std::string> plain_text(const Value& v) {
  switch (v.kind) {
    case ValueKind::Null:
      return std::string("null");
    case ValueKind::Bool:
      return std::string(v.boolean ? "true" : "false");
    case ValueKind::Int:
    case ValueKind::Uint:
      return whole_text(v, 10, false);
    case ValueKind::Double:
      return fixed_shortest(v.real);
    case ValueKind::String:
    case ValueKind::Bytes:
      return std::string(v.text());
    case ValueKind::Duration:
      return duration_seconds_text(v.integer);
    case ValueKind::Timestamp:
      return timestamp_text(v);
    case ValueKind::Type:
      return v.described->name;
    case ValueKind::List: {
      std::string out = "[";
      for (std::size_t i = 0; i < list_size(v); ++i) {
        auto item = plain_text(list_at(v, i));
        if (!item) return item;
        out += i > 0 ? ", " + *item : *item;
      }
      return out + "]";
    }
    case ValueKind::Map: {
      std::vector<std::pair<std::string, std::string>> entries;
      for (std::size_t i = 0; i < map_size(v); ++i) {
        auto key = plain_text(map_key(v, i));
        if (!key) return key;
        auto value = plain_text(map_value(v, i));
        if (!value) return value;
        entries.emplace_back(std::move(*key), std::move(*value));
      }
      std::sort(entries.begin(), entries.end());
      std::string out = "{";
      for (std::size_t i = 0; i < entries.size(); ++i)
        out += (i > 0 ? ", " : "") + entries[i].first + ": " + entries[i].second;
      return out + "}";
    }
    default:
      return fail(
          "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and "
          "timestamps, was given " +
          type_of(v)->name);
  }
}

Result<std::string> format_text(std::string_view format, const Value& args, FormatRules rules) {
  std::string out;
  std::size_t next = 0;
  for (std::size_t at = 0; at < format.size();) {
    if (format[at] != '%') {
      out += format[at++];
      continue;
    }
    if (at + 1 < format.size() && format[at + 1] == '%') {
      out += '%';
      at += 2;
      continue;
    }
    if (next >= list_size(args)) return fail("index " + std::to_string(next) + " out of range");
    if (++at >= format.size()) return fail("unexpected end of string");
    const auto precision = read_precision(format, at);
    if (!precision) return fail_with(precision.error());
    const char clause = format[at++];
    const Value value = list_at(args, next++);
    const bool early = rules == FormatRules::Early && kClauses.find(clause) != std::string_view::npos;
    auto text = early ? early_clause_text(clause, *precision, value) : clause_text(clause, *precision, value);
    if (!text) return early ? fail("error during formatting: " + text.error().text) : text;
    out += *text;
  }
  return out;
}

}  // namespace gatepost::cel
