#include "apiserver/warnings.h"

#include <algorithm>

namespace gatepost::apiserver {
namespace {

constexpr std::size_t most_in_all = 4096;  // apiserver/pkg/endpoints/filters/warning.go
constexpr std::size_t most_when_cut = 256;

// Control characters and line breaks become spaces; quotes and backslashes are escaped.
std::string quoted(std::string_view text) {
  std::string out = "299 - \"";
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      out.push_back(' ');
      continue;
    }
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out + "\"";
}

// At most `limit` bytes, not in the middle of a character.
std::string_view cut(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xc0) == 0x80) --limit;
  return text.substr(0, limit);
}

}  // namespace

void add_warnings(const std::vector<std::string>& warnings, net::http::Headers& headers) {
  if (warnings.empty()) return;
  std::vector<std::string_view> distinct;
  for (const std::string& warning : warnings)
    if (!warning.empty() && std::find(distinct.begin(), distinct.end(), warning) == distinct.end())
      distinct.push_back(warning);
  std::size_t total = 0;
  for (std::string_view warning : distinct) total += quoted(warning).size();
  bool cutting = total > most_in_all;
  std::size_t written = 0;
  for (std::string_view warning : distinct) {
    std::string header = quoted(cutting ? cut(warning, most_when_cut) : warning);
    if (cutting && written + header.size() > most_in_all) return;
    written += header.size();
    headers.add("Warning", std::move(header));
  }
}

}  // namespace gatepost::apiserver
