#include "cel/literal_text.h"

#include "cel/source.h"

namespace gatepost::cel {

namespace {

std::string normalise_newlines(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r') {
      out += text[i];
      continue;
    }
    out += '\n';
    if (i + 1 < text.size() && text[i + 1] == '\n') ++i;
  }
  return out;
}

bool valid_point(std::uint32_t point) {
  return point < 0xd800 || (point > 0xdfff && point <= 0x10ffff);
}

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 16;
}

char simple_escape(char c) {
  switch (c) {
    case 'a':
      return '\a';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'v':
      return '\v';
    case '\\':
    case '\'':
    case '"':
    case '`':
    case '?':
      return c;
    default:
      return 0;
  }
}

// One escape: `at` stands behind the backslash.
Result<void> append_escape(std::string_view text, std::size_t& at, LiteralKind kind, std::string& out) {
  if (at >= text.size()) return fail("unable to unescape string, found '\\' as last character");
  const char c = text[at++];
  if (const char simple = simple_escape(c); simple != 0) {
    out += simple;
    return {};
  }
  std::size_t digits = 0;
  std::uint32_t base = 16;
  if (c == 'x' || c == 'X') digits = 2;
  if (c == 'u' && kind == LiteralKind::String) digits = 4;
  if (c == 'U' && kind == LiteralKind::String) digits = 8;
  if (c >= '0' && c <= '3') {
    digits = 3;
    base = 8;
    --at;
  }
  const char* wrong = base == 8 ? "unable to unescape octal sequence in string" : "unable to unescape string";
  if (digits == 0 || at + digits > text.size()) return fail(wrong);
  std::uint32_t point = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    const int digit = digit_value(text[at++]);
    if (digit >= static_cast<int>(base)) return fail(wrong);
    point = point * base + static_cast<std::uint32_t>(digit);
  }
  if (kind == LiteralKind::Bytes) {
    out += static_cast<char>(point);
    return {};
  }
  if (!valid_point(point)) return fail("invalid unicode code point");
  append_utf8(point, out);
  return {};
}

}  // namespace

Result<std::string> unescape_literal(std::string_view text, LiteralKind kind) {
  const std::string normal = normalise_newlines(text);
  std::string_view body = normal;
  const bool raw = body.starts_with('r') || body.starts_with('R');
  if (raw) body.remove_prefix(1);
  const std::size_t quotes = body.size() >= 6 && (body.starts_with("'''") || body.starts_with("\"\"\"")) ? 3 : 1;
  if (body.size() < 2 * quotes) return fail("unable to unescape string");
  body = body.substr(quotes, body.size() - 2 * quotes);
  if (raw) return std::string(body);
  std::string out;
  out.reserve(body.size());
  for (std::size_t at = 0; at < body.size();) {
    if (body[at] != '\\') {
      out += body[at++];
      continue;
    }
    ++at;
    if (auto done = append_escape(body, at, kind, out); !done) return fail_with(std::move(done.error()));
  }
  return out;
}

}  // namespace gatepost::cel
