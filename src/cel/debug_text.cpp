// Values for people: as expressions would write them.
#include <cmath>
#include <fmt/format.h>

#include "cel/time_text.h"
#include "cel/value.h"

namespace gatepost::cel {

namespace {

std::string quoted(std::string_view text, bool bytes) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else if (static_cast<unsigned char>(c) < 0x20 || (bytes && static_cast<unsigned char>(c) >= 0x7f)) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string real_text(double value) {
  std::string out = double_text(value);
  if (std::isfinite(value) && out.find_first_of(".e") == std::string::npos) out += ".0";
  return out;
}

std::string entries_text(const Value& map) {
  std::string out = "{";
  for (std::size_t i = 0; i < map_size(map); ++i) {
    if (i > 0) out += ", ";
    out += debug_text(map_key(map, i)) + ": " + debug_text(map_value(map, i));
  }
  return out + "}";
}

}  // namespace

std::string debug_text(const Value& value) {
  switch (value.kind) {
    case ValueKind::Error:
      return "error: " + std::string(value.text());
    case ValueKind::Null:
      return "null";
    case ValueKind::Bool:
      return value.boolean ? "true" : "false";
    case ValueKind::Int:
      return std::to_string(value.integer);
    case ValueKind::Uint:
      return std::to_string(value.unsigned_integer) + "u";
    case ValueKind::Double:
      return real_text(value.real);
    case ValueKind::String:
      return quoted(value.text(), false);
    case ValueKind::Bytes:
      return "b" + quoted(value.text(), true);
    case ValueKind::Timestamp:
      return "timestamp(\"" + timestamp_text(value) + "\")";
    case ValueKind::Duration:
      return "duration(\"" + duration_seconds_text(value.integer) + "\")";
    case ValueKind::Type:
      return value.described->name;
    case ValueKind::List: {
      std::string out = "[";
      for (std::size_t i = 0; i < list_size(value); ++i) out += (i > 0 ? ", " : "") + debug_text(list_at(value, i));
      return out + "]";
    }
    case ValueKind::Map:
      return entries_text(value);
    case ValueKind::Struct:
      return value.map->type->name + entries_text(value);
    case ValueKind::Optional:
      return value.items != nullptr ? "optional.of(" + debug_text(*value.items) + ")" : "optional.none()";
    case ValueKind::Host:
      return value.host->text();
  }
  return "";
}

}  // namespace gatepost::cel
