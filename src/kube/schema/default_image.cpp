#include "kube/schema/default_image.h"

#include <algorithm>

namespace gatepost::kube {
namespace {

bool lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool digit(char c) {
  return c >= '0' && c <= '9';
}
bool alphanumeric(char c) {
  return lower(c) || upper(c) || digit(c);
}
bool word(char c) {
  return alphanumeric(c) || c == '_';
}
bool hex(char c) {
  return digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

template <class Each>
bool all(std::string_view text, Each each) {
  return std::all_of(text.begin(), text.end(), each);
}

// What stands before the first separator; `rest` is what follows it.
std::string_view cut(std::string_view& rest, char separator) {
  std::string_view head = rest.substr(0, rest.find(separator));
  rest.remove_prefix(std::min(head.size() + 1, rest.size()));
  return head;
}

// Lower-case letters and digits, joined by a dot, one or two underscores, or any number of dashes.
bool is_path_component(std::string_view text) {
  std::size_t at = 0;
  while (true) {
    std::size_t start = at;
    while (at < text.size() && (lower(text[at]) || digit(text[at]))) ++at;
    if (at == start) return false;
    if (at == text.size()) return true;
    std::size_t joint = at;
    while (at < text.size() && text[at] == text[joint] && !lower(text[at]) && !digit(text[at])) ++at;
    std::size_t length = at - joint;
    bool known = (text[joint] == '.' && length == 1) || (text[joint] == '_' && length <= 2) || text[joint] == '-';
    if (!known) return false;
  }
}

bool is_domain(std::string_view text) {
  std::string_view host = text;
  if (text.starts_with('[')) {
    std::size_t end = text.find(']');
    if (end == std::string_view::npos || !all(text.substr(1, end - 1), [](char c) { return hex(c) || c == ':'; }))
      return false;
    host = text.substr(0, end + 1);
  } else {
    host = text.substr(0, text.find(':'));
    std::string_view labels = host;
    do {
      std::string_view label = cut(labels, '.');
      bool fits = !label.empty() && alphanumeric(label.front()) && alphanumeric(label.back()) &&
                  all(label, [](char c) { return alphanumeric(c) || c == '-'; });
      if (!fits) return false;
    } while (!labels.empty());
    if (host.ends_with('.')) return false;
  }
  std::string_view port = text.substr(host.size());
  return port.empty() || (port.size() > 1 && port.front() == ':' && all(port.substr(1), digit));
}

bool is_tag(std::string_view text) {
  return !text.empty() && text.size() <= 128 && word(text.front()) &&
         all(text, [](char c) { return word(c) || c == '.' || c == '-'; });
}

bool is_digest(std::string_view text) {
  std::string_view value = text, algorithm = cut(value, ':');
  if (algorithm.empty() || !all(value, hex)) return false;
  if (algorithm == "sha256") return value.size() == 64;
  if (algorithm == "sha384") return value.size() == 96;
  if (algorithm == "sha512") return value.size() == 128;
  return false;
}

// The part before the first slash is a host only when it looks like one.
bool looks_like_host(std::string_view first) {
  return first.find_first_of(".:") != std::string_view::npos || first == "localhost" ||
         std::any_of(first.begin(), first.end(), upper);
}

}  // namespace

bool asks_for_latest(std::string_view image) {
  if (image.size() == 64 && all(image, [](char c) { return digit(c) || (c >= 'a' && c <= 'f'); })) return false;
  std::size_t at_sign = image.find('@');
  if (at_sign != std::string_view::npos) {
    // With a digest the tag counts only when it is "latest" itself.
    if (!is_digest(image.substr(at_sign + 1))) return false;
  }
  std::string_view name = image.substr(0, at_sign), domain;
  std::size_t slash = name.find('/');
  if (slash != std::string_view::npos && looks_like_host(name.substr(0, slash))) {
    domain = name.substr(0, slash);
    name.remove_prefix(slash + 1);
    if (!is_domain(domain)) return false;
  }
  constexpr std::size_t longest_name = 255;
  std::size_t colon = name.rfind(':');
  bool tagged = colon != std::string_view::npos && name.find('/', colon) == std::string_view::npos;
  std::string_view tag = tagged ? name.substr(colon + 1) : std::string_view();
  if (tagged && !is_tag(tag)) return false;
  std::string_view path = name.substr(0, tagged ? colon : name.size());
  if (path.empty() || path.ends_with('/') || domain.size() + path.size() > longest_name) return false;
  while (!path.empty())
    if (!is_path_component(cut(path, '/'))) return false;
  return tagged ? tag == "latest" : at_sign == std::string_view::npos;
}

}  // namespace gatepost::kube
