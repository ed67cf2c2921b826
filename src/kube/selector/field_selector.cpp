#include <algorithm>

#include "kube/selector/selector.h"

namespace gatepost::kube {
namespace {

// Terms are separated by commas; a backslash takes the meaning from a comma, an equals sign or a backslash.
std::vector<std::string_view> split_terms(std::string_view text) {
  std::vector<std::string_view> terms;
  std::size_t start = 0;
  bool escaped = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (escaped) {
      escaped = false;
    } else if (text[i] == '\\') {
      escaped = true;
    } else if (text[i] == ',') {
      terms.push_back(text.substr(start, i - start));
      start = i + 1;
    }
  }
  terms.push_back(text.substr(start));
  return terms;
}

Result<std::string> unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '\\') {
      std::string_view sequence = text.substr(i, 2);
      if (sequence != "\\\\" && sequence != "\\," && sequence != "\\=")
        return fail("invalid field selector: invalid escape sequence: " + std::string(sequence));
      c = text[++i];
    } else if (c == ',' || c == '=') {
      return fail("invalid field selector: unescaped character in value: " + std::to_string(int{c}));
    }
    out.push_back(c);
  }
  return out;
}

}  // namespace

Result<FieldSelector> FieldSelector::parse(std::string_view text) {
  FieldSelector selector;
  for (std::string_view term : split_terms(text)) {
    if (term.empty()) continue;
    std::size_t at = std::string_view::npos, length = 0;
    bool equals = true;
    for (std::size_t i = 0; i < term.size() && at == std::string_view::npos; ++i) {
      std::string_view rest = term.substr(i);
      if (rest.starts_with("!=")) {
        at = i, length = 2, equals = false;
      } else if (rest.starts_with("==")) {
        at = i, length = 2;
      } else if (rest.starts_with("=")) {
        at = i, length = 1;
      }
    }
    if (at == std::string_view::npos)
      return fail("invalid selector: '" + std::string(text) + "'; can't understand '" + std::string(term) + "'");
    auto value = unescaped(term.substr(at + length));
    if (!value) return fail_with(std::move(value.error()));
    selector.requirements_.push_back({std::string(term.substr(0, at)), std::move(*value), equals});
  }
  return selector;
}

bool FieldSelector::matches(const std::function<std::string(std::string_view field)>& value_of) const {
  return std::all_of(requirements_.begin(), requirements_.end(), [&](const Requirement& requirement) {
    return (value_of(requirement.field) == requirement.value) == requirement.equals;
  });
}

}  // namespace gatepost::kube
