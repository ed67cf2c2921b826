#include "kube/schema/go_types.h"

#include <charconv>

namespace gatepost::kube {
namespace {

// Takes what stands before the separator, or all.
std::string_view take(std::string_view& text, char separator) {
  std::size_t end = text.find(separator);
  std::string_view taken = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return taken;
}

std::vector<std::uint32_t> read_numbers(std::string_view text) {
  std::vector<std::uint32_t> numbers;
  while (!text.empty()) {
    std::string_view part = take(text, '.');
    std::from_chars(part.data(), part.data() + part.size(), numbers.emplace_back());
  }
  return numbers;
}

GoField read_field(std::string_view line) {
  GoField field;
  field.name = take(line, ' ');
  field.type = take(line, ' ');
  while (!line.empty()) {
    std::string_view word = take(line, ' ');
    if (word == "omitempty") field.omit_empty = true;
    if (word == "omitzero") field.omit_zero = true;
    if (word.starts_with("pb=")) field.numbers = read_numbers(word.substr(3));
    if (word.starts_with("in=")) field.embedded_in = word.substr(3);
  }
  return field;
}

}  // namespace

std::vector<GoType> read_go_types(std::string_view text) {
  std::vector<GoType> types;
  while (!text.empty()) {
    std::string_view line = take(text, '\n');
    if (line.starts_with("type ")) {
      line.remove_prefix(5);
      types.push_back({take(line, ' '), {}});
    } else if (line.starts_with("  ")) {
      types.back().fields.push_back(read_field(line.substr(2)));
    }
  }
  return types;
}

}  // namespace gatepost::kube
