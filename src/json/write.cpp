#include "json/write.h"

#include <charconv>
#include <cmath>

#include "json/output.h"
#include "json/scan_string.h"

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

// U+2028 and U+2029 are e2 80 a8 and e2 80 a9.
bool is_line_separator(std::string_view text, std::size_t at) {
  return text.substr(at, 3) == "\xe2\x80\xa8" || text.substr(at, 3) == "\xe2\x80\xa9";
}

// `length`: of the UTF-8 sequence at `at`, 0 for a byte that is none.
void write_escape(std::string_view text, std::size_t at, std::size_t length, std::string& out) {
  static constexpr char hex[] = "0123456789abcdef";
  static constexpr std::string_view named = "\"\\\n\r\t\b\f", letters = "\"\\nrtbf";
  char c = text[at];
  if (length == 0) {
    out.append("\\ufffd");
  } else if (length == 3) {
    out.append(text[at + 2] == '\xa8' ? "\\u2028" : "\\u2029");
  } else if (std::size_t i = named.find(c); i != std::string_view::npos) {
    out.push_back('\\');
    out.push_back(letters[i]);
  } else {
    out.append("\\u00");
    out.push_back(hex[static_cast<unsigned char>(c) >> 4]);
    out.push_back(hex[c & 15]);
  }
}

}  // namespace

void Output::number(double value) {
  flush();
  write_double(value, out_);
}

void Output::escaped(std::string_view text) {
  flush();
  std::size_t start = 0, at = 0;
  for (;;) {
    at = end_of_plain_write(text, at);
    if (at == text.size()) break;
    auto c = static_cast<unsigned char>(text[at]);
    std::size_t length = utf8_length(text, at);
    if (length > 1 && !(c == 0xe2 && is_line_separator(text, at))) {
      at += length;
      continue;
    }
    out_.append(text.substr(start, at - start));
    write_escape(text, at, length, out_);
    at += length == 0 ? 1 : length;
    start = at;
  }
  out_.append(text.substr(start));
}

void write(const Value& value, Output& out) {
  switch (value.kind()) {
    case Kind::null:
      out.bytes("null");
      break;
    case Kind::bool_:
      out.bytes(value.get_bool() ? "true" : "false");
      break;
    case Kind::int64:
      out.integer(value.get_int64());
      break;
    case Kind::uint64:
      out.integer(value.get_uint64());
      break;
    case Kind::double_:
      out.number(value.get_double());
      break;
    case Kind::string:
      out.text(view(value.get_string()));
      break;
    case Kind::array: {
      char before = '[';
      for (const Value& item : value.get_array()) {
        out.byte(before);
        before = ',';
        write(item, out);
      }
      if (before == '[') out.byte('[');
      out.byte(']');
      break;
    }
    case Kind::object: {
      char before = '{';
      for (const auto& member : value.get_object()) {
        out.byte(before);
        before = ',';
        out.text(member.key());
        out.byte(':');
        write(member.value(), out);
      }
      if (before == '{') out.byte('{');
      out.byte('}');
      break;
    }
  }
}

void write_string(std::string_view text, std::string& out) {
  Output(out).text(text);
}

void write(const Value& value, std::string& out) {
  Output output(out);
  write(value, output);
}

std::string write(const Value& value) {
  std::string out;
  out.reserve(512);
  write(value, out);
  return out;
}

}  // namespace gatepost::json
