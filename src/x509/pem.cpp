#include "x509/pem.h"

#include "base/base64.h"

namespace gatepost::x509 {
namespace {

constexpr std::string_view begin_mark = "-----BEGIN ", end_mark = "\n-----END ", dashes = "-----";

// The line at the front of `text`, without its end and trailing blanks; `text` then starts at the next one.
std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  if (end != std::string_view::npos && line.ends_with('\r')) line.remove_suffix(1);
  while (!line.empty() && (line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
  return line;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n\v\f";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

// Whether the END line whose mark ends where `text` starts closes a block of `type` and holds nothing more.
bool closes(std::string_view text, std::string_view type) {
  if (!text.starts_with(type)) return false;
  text.remove_prefix(type.size());
  if (!text.starts_with(dashes)) return false;
  text.remove_prefix(dashes.size());
  return take_line(text).empty();
}

}  // namespace

std::optional<PemBlock> decode_pem(std::string_view& text) {
  std::size_t searched = 0;  // END marks before this offset are done with
  for (;;) {
    const std::size_t end = text.find(end_mark, searched);
    if (end == std::string_view::npos) return std::nullopt;
    const std::size_t behind_mark = end + end_mark.size();
    // The last BEGIN line before this END line, so that a BEGIN without an END is skipped.
    const std::size_t begin = text.substr(searched, end - searched).rfind(begin_mark);
    const std::size_t from = searched;
    searched = behind_mark;
    if (begin == std::string_view::npos) continue;
    const std::size_t at = from + begin;
    if (begin > 0 && text[at - 1] != '\n') continue;

    std::string_view rest = text.substr(at + begin_mark.size());
    const auto offset = [&] { return static_cast<std::size_t>(rest.data() - text.data()); };
    std::string_view type = take_line(rest);
    if (!type.ends_with(dashes)) continue;
    type.remove_suffix(dashes.size());
    PemBlock block;
    block.type = type;
    for (;;) {
      if (rest.empty()) return std::nullopt;
      std::string_view next = rest;
      const std::string_view line = take_line(next);
      const auto colon = line.find(':');
      if (colon == std::string_view::npos) break;
      block.headers[std::string(trimmed(line.substr(0, colon)))] = trimmed(line.substr(colon + 1));
      rest = next;
    }
    if (!block.headers.empty() && offset() > end) continue;
    if (!closes(text.substr(behind_mark), type)) continue;
    if (offset() < end) {
      std::string encoded;
      for (char c : rest.substr(0, end - offset())) {
        if (c != ' ' && c != '\t') encoded += c;
      }
      auto decoded = base64::decode(encoded);
      if (!decoded) continue;
      block.bytes = std::move(*decoded);
    }
    text.remove_prefix(behind_mark);
    take_line(text);
    return block;
  }
}

std::string encode_pem(std::string_view type, std::string_view bytes) {
  const std::string encoded = base64::encode(bytes);
  std::string text = "-----BEGIN " + std::string(type) + "-----\n";
  for (std::size_t at = 0; at < encoded.size(); at += 64) text += encoded.substr(at, 64) + "\n";
  return text + "-----END " + std::string(type) + "-----\n";
}

}  // namespace gatepost::x509
