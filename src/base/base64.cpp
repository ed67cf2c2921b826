#include "base/base64.h"

#include <array>
#include <cstdint>

namespace gatepost::base64 {
namespace {

constexpr std::string_view standard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url_safe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

enum class Padding { yes, no };

std::string encode_with(std::string_view bytes, std::string_view alphabet, Padding padding) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    std::size_t have = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t k = 0; k < 3; ++k) group = group << 8 | (k < have ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k) {
      if (k <= have)
        out.push_back(alphabet[group >> (18 - 6 * k) & 63]);
      else if (padding == Padding::yes)
        out.push_back('=');
    }
  }
  return out;
}

std::array<std::int8_t, 256> reverse(std::string_view alphabet) {
  std::array<std::int8_t, 256> table;
  table.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  return table;
}

Failure<Error> corrupt(std::size_t at) {
  return fail("illegal base64 data at input byte " + std::to_string(at));
}

Result<std::string> decode_with(std::string_view text, const std::array<std::int8_t, 256>& table, Padding padding) {
  std::string out;
  out.reserve(text.size() / 4 * 3 + 3);
  std::uint32_t group = 0;
  int have = 0;
  std::size_t i = 0;
  auto skip_line_breaks = [&] {
    while (i < text.size() && (text[i] == '\n' || text[i] == '\r')) ++i;
  };
  for (skip_line_breaks(); i < text.size(); skip_line_breaks()) {
    char c = text[i];
    if (c == '=' && padding == Padding::yes) {
      if (have < 2) return corrupt(i);
      if (have == 2) {
        ++i;
        skip_line_breaks();
        if (i >= text.size()) return corrupt(text.size());
        if (text[i] != '=') return corrupt(i);
      }
      ++i;
      skip_line_breaks();
      if (i < text.size()) return corrupt(i);
      group <<= 6 * (4 - have);
      out.push_back(static_cast<char>(group >> 16));
      if (have == 3) out.push_back(static_cast<char>(group >> 8));
      return out;
    }
    int value = table[static_cast<unsigned char>(c)];
    if (value < 0) return corrupt(i);
    group = group << 6 | static_cast<std::uint32_t>(value);
    ++i;
    if (++have == 4) {
      out.push_back(static_cast<char>(group >> 16));
      out.push_back(static_cast<char>(group >> 8));
      out.push_back(static_cast<char>(group));
      group = 0;
      have = 0;
    }
  }
  if (have == 0) return out;
  // Go reports the start of the unfinished group.
  if (padding == Padding::yes || have == 1) return corrupt(i - static_cast<std::size_t>(have));
  group <<= 6 * (4 - have);
  out.push_back(static_cast<char>(group >> 16));
  if (have == 3) out.push_back(static_cast<char>(group >> 8));
  return out;
}

}  // namespace

std::string encode(std::string_view bytes) {
  return encode_with(bytes, standard, Padding::yes);
}
std::string encode_url(std::string_view bytes) {
  return encode_with(bytes, url_safe, Padding::no);
}

Result<std::string> decode(std::string_view text) {
  static const auto table = reverse(standard);
  return decode_with(text, table, Padding::yes);
}

Result<std::string> decode_url(std::string_view text) {
  static const auto table = reverse(url_safe);
  return decode_with(text, table, Padding::no);
}

}  // namespace gatepost::base64
