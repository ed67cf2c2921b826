#include "cel/ext/early_format.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <vector>

#include "cel/time_text.h"

namespace gatepost::cel {

namespace {

constexpr int kDefaultPrecision = 6;

bool is_whole(const Value& v) {
  return v.is(ValueKind::Int) || v.is(ValueKind::Uint);
}

std::string whole_text(const Value& v, int base) {
  char buffer[72];
  const auto end = v.is(ValueKind::Int) ? std::to_chars(buffer, buffer + sizeof(buffer), v.integer, base).ptr
                                        : std::to_chars(buffer, buffer + sizeof(buffer), v.unsigned_integer, base).ptr;
  return {buffer, end};
}

std::string quoted(std::string_view text) {
  return debug_text(Value::of_string(text));
}

Result<std::string> element_text(const Value& v);

Result<std::string> list_text(const Value& v) {
  std::string out = "[";
  for (std::size_t i = 0; i < list_size(v); ++i) {
    auto item = element_text(list_at(v, i));
    if (!item) return item;
    out += (i > 0 ? ", " : "") + *item;
  }
  return out + "]";
}

Result<std::string> map_text(const Value& v) {
  std::vector<std::pair<std::string, std::string>> entries;
  for (std::size_t i = 0; i < map_size(v); ++i) {
    const Value key = map_key(v, i);
    if (!key.is(ValueKind::String) && !key.is(ValueKind::Bool) && !is_whole(key))
      return fail("no formatting function for map key of type " + type_of(key)->name);
    auto key_text = element_text(key);
    if (!key_text) return key_text;
    auto value = element_text(map_value(v, i));
    if (!value) return value;
    entries.emplace_back(std::move(*key_text), std::move(*value));
  }
  std::sort(entries.begin(), entries.end());
  std::string out = "{";
  for (std::size_t i = 0; i < entries.size(); ++i)
    out += (i > 0 ? ", " : "") + entries[i].first + ":" + entries[i].second;
  return out + "}";
}

// A value inside a list or map: as a literal.
Result<std::string> element_text(const Value& v) {
  switch (v.kind) {
    case ValueKind::Int:
    case ValueKind::Uint:
      return whole_text(v, 10);
    case ValueKind::String:
      return quoted(v.text());
    case ValueKind::Bytes:
      return "b" + quoted(v.text());
    case ValueKind::Bool:
      return std::string(v.boolean ? "true" : "false");
    case ValueKind::Null:
      return std::string("null");
    case ValueKind::Type:
      return v.described->name;
    case ValueKind::Timestamp:
      return "timestamp(" + quoted(timestamp_text(v)) + ")";
    case ValueKind::Duration:
      return "duration(" + quoted(duration_seconds_text(v.integer)) + ")";
    case ValueKind::Double:
      if (std::isfinite(v.real)) return fmt::format("{:.{}f}", v.real, kDefaultPrecision);
      return quoted(double_text(v.real));
    case ValueKind::List:
      return list_text(v);
    case ValueKind::Map:
      return map_text(v);
    default:
      return fail("no formatting function for " + type_of(v)->name);
  }
}

Result<std::string> string_text(const Value& v) {
  switch (v.kind) {
    case ValueKind::List:
      return list_text(v);
    case ValueKind::Map:
      return map_text(v);
    case ValueKind::String:
    case ValueKind::Bytes:
      return std::string(v.text());
    case ValueKind::Double:
      return double_text(v.real);
    case ValueKind::Timestamp:
      return timestamp_text(v);
    case ValueKind::Duration:
      return duration_seconds_text(v.integer);
    case ValueKind::Host:
    case ValueKind::Optional:
    case ValueKind::Struct:
    case ValueKind::Error:
      return fail(
          "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and "
          "timestamps, was given " +
          type_of(v)->name);
    default:
      return element_text(v);
  }
}

// Groups of three digits before the point.
std::string grouped(std::string digits) {
  const std::size_t first = digits.starts_with('-') ? 1 : 0;
  std::size_t at = std::min(digits.find('.'), digits.size());
  while (at > first + 3) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

std::string superscript(std::string_view digits) {
  constexpr std::string_view kDigits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string out;
  for (const char c : digits) out += c == '-' ? "⁻" : c == '+' ? "" : std::string(kDigits[c - '0']);
  return out;
}

Result<std::string> real_text(char clause, int precision, const Value& v) {
  double real = v.real;
  if (!v.is(ValueKind::Double)) {
    const std::string_view text = v.is(ValueKind::String) ? v.text() : "";
    if (text != "NaN" && text != "Infinity" && text != "-Infinity")
      return fail((clause == 'f' ? "fixed-point" : "scientific") +
                  std::string(" clause can only be used on doubles, was given ") + type_of(v)->name);
    real = text == "NaN" ? NAN : text == "Infinity" ? INFINITY : -INFINITY;
  }
  if (std::isnan(real)) return std::string("NaN");
  if (std::isinf(real)) return std::string(real < 0 ? "-∞" : "∞");
  if (clause == 'f') return grouped(fmt::format("{:.{}f}", real, precision));
  // The precision is taken for a width, which is always less than the text's.
  const std::string text = fmt::format("{:.{}e}", real, kDefaultPrecision);
  const std::size_t e = text.find('e');
  return text.substr(0, e) + "×10" + superscript(std::string_view(text).substr(e + 1));
}

std::string hex_text(const Value& v, bool upper) {
  std::string out;
  if (is_whole(v))
    out = whole_text(v, 16);
  else
    for (const char c : v.text()) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
  if (upper)
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c; });
  return out;
}

}  // namespace

Result<std::string> early_clause_text(char clause, int precision, const Value& v) {
  switch (clause) {
    case 's':
      return string_text(v);
    case 'd':
      if (is_whole(v)) return whole_text(v, 10);
      return fail("decimal clause can only be used on integers, was given " + type_of(v)->name);
    case 'f':
    case 'e':
      return real_text(clause, precision, v);
    case 'b':
      if (v.is(ValueKind::Bool)) return std::string(v.boolean ? "1" : "0");
      if (is_whole(v)) return whole_text(v, 2);
      return fail("only integers and bools can be formatted as binary, was given " + type_of(v)->name);
    case 'o':
      if (is_whole(v)) return whole_text(v, 8);
      return fail("octal clause can only be used on integers, was given " + type_of(v)->name);
    default:
      if (is_whole(v) || v.is(ValueKind::String) || v.is(ValueKind::Bytes)) return hex_text(v, clause == 'X');
      return fail("only integers, byte buffers, and strings can be formatted as hex, was given " + type_of(v)->name);
  }
}

}  // namespace gatepost::cel
