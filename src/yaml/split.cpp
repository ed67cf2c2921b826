#include "yaml/split.h"

namespace gatepost::yaml {
namespace {

bool is_blank(std::string_view text) {
  while (!text.empty()) {
    std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    std::size_t first = line.find_first_not_of(" \t\r");
    if (first != std::string_view::npos && line[first] != '#' && line.substr(first) != "---" &&
        line.substr(first) != "---\r")
      return false;
    if (end == std::string_view::npos) return true;
    text.remove_prefix(end + 1);
  }
  return true;
}

}  // namespace

std::vector<Part> split(std::string_view text) {
  std::vector<Part> out;
  Mark start, at;
  auto finish = [&](std::size_t end) {
    std::string_view part = text.substr(start.offset, end - start.offset);
    if (!is_blank(part)) out.push_back({part, start});
  };
  while (at.offset < text.size()) {
    std::size_t end = text.find('\n', at.offset);
    std::size_t next = end == std::string_view::npos ? text.size() : end + 1;
    std::string_view line = text.substr(at.offset, next - at.offset);
    if (line.starts_with("---") &&
        (line.size() == 3 || line[3] == ' ' || line[3] == '\t' || line[3] == '\n' || line[3] == '\r')) {
      finish(at.offset);
      start = at;
    }
    at.offset = static_cast<std::uint32_t>(next);
    ++at.line;
  }
  finish(text.size());
  return out;
}

}  // namespace gatepost::yaml
