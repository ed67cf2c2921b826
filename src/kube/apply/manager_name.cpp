#include "kube/apply/manager_name.h"

#include <cstdint>
#include <cstdio>

namespace gatepost::kube::apply {
namespace {

struct Character {
  std::string_view bytes;
  std::uint32_t code;
};

Character first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  std::size_t size = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  constexpr std::uint32_t replacement = 0xfffd;  // what Go reads of bytes that are no UTF-8
  if (size > text.size() || (size == 1 && lead >= 0x80)) return {text.substr(0, 1), replacement};
  constexpr unsigned char lead_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
  std::uint32_t code = lead & lead_bits[size];
  for (std::size_t i = 1; i < size; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xc0) != 0x80) return {text.substr(0, 1), replacement};
    code = code << 6 | (byte & 0x3f);
  }
  return {text.substr(0, size), code};
}

// As Go's unicode.IsPrint for what user agents hold: no controls, no spaces but the plain one, no invisible marks.
bool prints(std::uint32_t code) {
  if (code < 0x80) return code >= ' ' && code < 0x7f;
  bool is_control = code < 0xa1 || code == 0xad;
  bool is_space_or_mark = (code >= 0x2000 && code <= 0x200f) || (code >= 0x2028 && code <= 0x202f) ||
                          (code >= 0x205f && code <= 0x206f) || code == 0x1680 || code == 0x3000 || code == 0xfeff;
  bool is_private = (code >= 0xe000 && code <= 0xf8ff) || code >= 0xf0000;
  return !is_control && !is_space_or_mark && !is_private;
}

}  // namespace

std::string manager_of_user_agent(std::string_view user_agent) {
  std::string out;
  std::string_view rest = user_agent.substr(0, user_agent.find('/'));
  while (!rest.empty()) {
    const Character character = first_character(rest);
    rest.remove_prefix(character.bytes.size());
    if (!prints(character.code)) continue;
    if (out.size() + character.bytes.size() > longest_manager_name) break;
    out += character.bytes;
  }
  return out;
}

std::vector<std::string> unprintable_characters(std::string_view name) {
  std::vector<std::string> complaints;
  for (std::size_t at = 0; at < name.size();) {
    const Character character = first_character(name.substr(at));
    if (!prints(character.code)) {
      char text[64];
      std::snprintf(text, sizeof text, "invalid character U+%04X (at position %zu)", character.code, at);
      complaints.emplace_back(text);
    }
    at += character.bytes.size();
  }
  return complaints;
}

}  // namespace gatepost::kube::apply
