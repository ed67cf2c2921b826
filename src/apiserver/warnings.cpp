#include "apiserver/warnings.h"

#include <algorithm>
#include <optional>

namespace gatepost::apiserver {
namespace {

// apiserver/pkg/endpoints/filters/warning.go, counted in characters.
constexpr std::size_t most_in_all = 4 * 1024;
constexpr std::size_t most_when_cut = 256;

bool starts_character(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts_character));
}

std::string_view first_characters(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  for (; at < text.size(); ++at)
    if (starts_character(text[at]) && count-- == 0) break;
  return text.substr(0, at);
}

// A text with control characters (C0, DEL, C1) is no header and is left out.
std::optional<std::string> header(std::string_view text) {
  std::string out = "299 - \"";
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto byte = static_cast<unsigned char>(text[i]);
    bool c1 = byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
    if (byte < 0x20 || byte == 0x7f || c1) return std::nullopt;
    if (text[i] == '"' || text[i] == '\\') out.push_back('\\');
    out.push_back(text[i]);
  }
  return out + "\"";
}

}  // namespace

void add_warnings(const std::vector<std::string>& warnings, net::http::Headers& headers) {
  std::vector<std::string_view> distinct;
  std::vector<std::string> written;
  std::size_t total = 0;
  bool cutting = false;
  auto write = [&](std::string_view text) {
    if (auto line = header(text)) {
      total += characters(text);
      written.push_back(std::move(*line));
    }
  };
  for (const std::string& warning : warnings) {
    if (warning.empty() || (cutting && total >= most_in_all)) continue;
    if (std::find(distinct.begin(), distinct.end(), warning) != distinct.end()) continue;
    distinct.push_back(warning);
    if (cutting || total + characters(warning) <= most_in_all) {
      write(cutting ? first_characters(warning, most_when_cut) : std::string_view(warning));
      continue;
    }
    // Too much in all: from here on, and for all before, texts are cut.
    cutting = true;
    total = 0;
    written.clear();
    for (std::string_view earlier : distinct) write(first_characters(earlier, most_when_cut));
  }
  for (std::string& line : written) headers.add("Warning", std::move(line));
}

}  // namespace gatepost::apiserver
