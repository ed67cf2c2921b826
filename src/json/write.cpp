#include "json/write.h"

#include <charconv>
#include <cmath>

namespace gatepost::json {
namespace {

void write_double(double number, std::string& out) {
  char buffer[40];
  double size = std::fabs(number);
  // Go: 'f' format unless the exponent is below -6 or at least 21.
  bool scientific = size != 0 && (size < 1e-6 || size >= 1e21);
  auto end = std::to_chars(buffer, buffer + sizeof buffer, number,
                           scientific ? std::chars_format::scientific : std::chars_format::fixed)
                 .ptr;
  std::string_view text(buffer, static_cast<std::size_t>(end - buffer));
  if (scientific) {
    // Go writes e-9 where C++ writes e-09.
    std::size_t e = text.find('e');
    if (e != std::string_view::npos && e + 3 < text.size() + 0 && text[e + 2] == '0' && text[e + 1] == '-') {
      out.append(text.substr(0, e + 2));
      out.append(text.substr(e + 3));
      return;
    }
  }
  out.append(text);
}

}  // namespace

void write_string(std::string_view text, std::string& out) {
  static constexpr char hex[] = "0123456789abcdef";
  out.push_back('"');
  std::size_t start = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&' && c != 0xe2) continue;
    if (c == 0xe2) {  // U+2028 and U+2029 are e2 80 a8 and e2 80 a9
      if (i + 2 >= text.size() || static_cast<unsigned char>(text[i + 1]) != 0x80) continue;
      auto last = static_cast<unsigned char>(text[i + 2]);
      if (last != 0xa8 && last != 0xa9) continue;
      out.append(text.substr(start, i - start));
      out.append(last == 0xa8 ? "\\u2028" : "\\u2029");
      i += 2;
      start = i + 1;
      continue;
    }
    out.append(text.substr(start, i - start));
    start = i + 1;
    switch (c) {
      case '"':
        out.append("\\\"");
        break;
      case '\\':
        out.append("\\\\");
        break;
      case '\n':
        out.append("\\n");
        break;
      case '\r':
        out.append("\\r");
        break;
      case '\t':
        out.append("\\t");
        break;
      case '\b':
        out.append("\\b");
        break;
      case '\f':
        out.append("\\f");
        break;
      default:
        out.append("\\u00");
        out.push_back(hex[c >> 4]);
        out.push_back(hex[c & 15]);
    }
  }
  out.append(text.substr(start));
  out.push_back('"');
}

void write(const Value& value, std::string& out) {
  switch (value.kind()) {
    case Kind::null:
      out.append("null");
      break;
    case Kind::bool_:
      out.append(value.get_bool() ? "true" : "false");
      break;
    case Kind::int64: {
      char buffer[24];
      out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value.get_int64()).ptr);
      break;
    }
    case Kind::uint64: {
      char buffer[24];
      out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value.get_uint64()).ptr);
      break;
    }
    case Kind::double_:
      write_double(value.get_double(), out);
      break;
    case Kind::string:
      write_string(view(value.get_string()), out);
      break;
    case Kind::array: {
      out.push_back('[');
      bool first = true;
      for (const Value& item : value.get_array()) {
        if (!first) out.push_back(',');
        first = false;
        write(item, out);
      }
      out.push_back(']');
      break;
    }
    case Kind::object: {
      out.push_back('{');
      bool first = true;
      for (const auto& member : value.get_object()) {
        if (!first) out.push_back(',');
        first = false;
        write_string(member.key(), out);
        out.push_back(':');
        write(member.value(), out);
      }
      out.push_back('}');
      break;
    }
  }
}

std::string write(const Value& value) {
  std::string out;
  out.reserve(512);
  write(value, out);
  return out;
}

}  // namespace gatepost::json
