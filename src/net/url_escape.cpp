#include "net/url_escape.h"

#include <array>
#include <cstdint>

#include "net/go_text.h"

namespace gatepost::net::url {
namespace {

constexpr std::uint8_t bit(Part part) {
  return static_cast<std::uint8_t>(1u << static_cast<unsigned>(part));
}

// A bit for each part in which the byte stands for itself.
constexpr std::array<std::uint8_t, 256> make_table() {
  std::array<std::uint8_t, 256> table{};
  auto allow = [&](std::string_view bytes, std::uint8_t parts) {
    for (char c : bytes) table[static_cast<unsigned char>(c)] |= parts;
  };
  allow("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~", 0x7f);
  allow("!\"$&'()*+,:;<=>[]", bit(Part::host) | bit(Part::zone));
  allow("$&+/:;=?@,!()*", bit(Part::fragment));
  allow("$&+,/:;=@", bit(Part::path));
  allow("$&+:=@", bit(Part::path_segment));
  allow("$&+,;=", bit(Part::user_password));
  return table;
}
constexpr auto kTable = make_table();

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Failure<gatepost::Error> bad_escape(std::string_view text) {
  return fail("invalid URL escape " + go_quote(text.substr(0, 3)));
}

}  // namespace

bool should_escape(char c, Part part) {
  return (kTable[static_cast<unsigned char>(c)] & bit(part)) == 0;
}

std::string escape(std::string_view text, Part part) {
  std::string out;
  out.reserve(text.size() + 8);
  for (char c : text) {
    if (!should_escape(c, part)) {
      out += c;
    } else if (c == ' ' && part == Part::query_component) {
      out += '+';
    } else {
      auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += "0123456789ABCDEF"[byte >> 4];
      out += "0123456789ABCDEF"[byte & 15];
    }
  }
  return out;
}

Result<std::string> unescape(std::string_view text, Part part) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      std::string_view three = text.substr(i, 3);
      if (three.size() < 3 || hex(three[1]) < 0 || hex(three[2]) < 0) return bad_escape(three);
      char value = static_cast<char>(hex(three[1]) << 4 | hex(three[2]));
      // A host may escape bytes beyond ASCII only; a zone only what it could hold unescaped, and blanks.
      if (part == Part::host && hex(three[1]) < 8 && three != "%25") return bad_escape(three);
      if (part == Part::zone && three != "%25" && value != ' ' && should_escape(value, Part::host)) {
        return bad_escape(three);
      }
      out += value;
      i += 2;
    } else if (c == '+' && part == Part::query_component) {
      out += ' ';
    } else {
      if ((part == Part::host || part == Part::zone) && static_cast<unsigned char>(c) < 0x80 &&
          should_escape(c, part)) {
        return fail("invalid character " + go_quote(text.substr(i, 1)) + " in host name");
      }
      out += c;
    }
  }
  return out;
}

}  // namespace gatepost::net::url
