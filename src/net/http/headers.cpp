#include "net/http/message.h"

namespace gatepost::net::http {
namespace {

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

bool equal_fold(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i] && lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

void Headers::add(std::string_view name, std::string_view value) {
  auto inside = [&](std::string_view part) {
    return !part.empty() && part.data() >= text_.data() && part.data() < text_.data() + text_.size();
  };
  if (inside(name) || inside(value)) {
    std::string own_name(name), own_value(value);
    return add(own_name, own_value);
  }
  Span span;
  span.name = static_cast<std::uint32_t>(text_.size());
  span.name_size = static_cast<std::uint32_t>(name.size());
  text_ += name;
  span.value = static_cast<std::uint32_t>(text_.size());
  span.value_size = static_cast<std::uint32_t>(value.size());
  text_ += value;
  spans_.push_back(span);
}

void Headers::set(std::string_view name, std::string_view value) {
  std::string kept(value);  // the value may lie in this object
  std::string kept_name(name);
  remove(kept_name);
  add(kept_name, kept);
}

void Headers::remove(std::string_view name) {
  std::size_t to = 0;
  for (std::size_t i = 0; i < spans_.size(); ++i) {
    if (!equal_fold((*this)[i].first, name)) spans_[to++] = spans_[i];
  }
  spans_.resize(to);
}

std::string_view Headers::get(std::string_view name) const {
  for (std::size_t i = 0; i < spans_.size(); ++i) {
    if (spans_[i].name_size == name.size() && equal_fold((*this)[i].first, name)) return (*this)[i].second;
  }
  return {};
}

std::string Headers::joined(std::string_view name) const {
  std::string out;
  bool first = true;
  for (auto [key, value] : *this) {
    if (!equal_fold(key, name)) continue;
    if (!first) out += ", ";
    first = false;
    out += value;
  }
  return out;
}

bool Headers::has(std::string_view name) const {
  for (auto [key, value] : *this) {
    if (equal_fold(key, name)) return true;
  }
  return false;
}

bool Headers::has_token(std::string_view name, std::string_view token) const {
  for (auto [key, value] : *this) {
    if (!equal_fold(key, name)) continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      std::size_t comma = rest.find(',');
      if (equal_fold(trim(rest.substr(0, comma)), token)) return true;
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  return false;
}

}  // namespace gatepost::net::http
