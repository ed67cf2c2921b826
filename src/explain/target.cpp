#include "explain/target.h"

#include <charconv>
#include <vector>

#include "explain/pattern.h"

namespace gatepost::explain {
namespace {

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

// Seconds of a Go duration such as 10s, 1m30s, 500ms (rounded down).
std::optional<int> seconds(std::string_view text) {
  long total_ms = 0;
  bool any = false;
  while (!text.empty()) {
    long value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || value < 0 || value > 1000000) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.starts_with(".")) {
      const std::size_t digits = text.find_first_not_of("0123456789", 1);
      text.remove_prefix(std::min(digits, text.size()));
    }
    if (text.starts_with("ms"))
      total_ms += value, text.remove_prefix(2);
    else if (text.starts_with("s"))
      total_ms += value * 1000, text.remove_prefix(1);
    else if (text.starts_with("m"))
      total_ms += value * 60000, text.remove_prefix(1);
    else if (text.starts_with("h"))
      total_ms += value * 3600000, text.remove_prefix(1);
    else
      return std::nullopt;
    any = true;
  }
  if (!any || total_ms / 1000 > 1000000) return std::nullopt;
  return static_cast<int>(total_ms / 1000);
}

// name.namespace.svc[.cluster.domain]
std::string service_of(std::string_view host) {
  std::vector<std::string_view> labels;
  while (!host.empty()) {
    const std::size_t dot = std::min(host.find('.'), host.size());
    labels.push_back(host.substr(0, dot));
    host.remove_prefix(std::min(dot + 1, host.size()));
  }
  if (labels.size() < 3 || labels[2] != "svc" || labels[0].empty() || labels[1].empty()) return "";
  return std::string(labels[1]) + "/" + std::string(labels[0]);
}

}  // namespace

std::optional<Target> read_target(std::string_view text) {
  Target out;
  for (char c : text) {
    if (c != '\\' && !is_space(c)) out.url += c;
  }
  std::string_view rest = out.url;
  const std::size_t scheme = rest.find("://");
  if (scheme == std::string_view::npos || (rest.substr(0, scheme) != "https" && rest.substr(0, scheme) != "http"))
    return std::nullopt;
  rest.remove_prefix(scheme + 3);
  const std::size_t path = std::min(rest.find_first_of("/?#"), rest.size());
  std::string_view host = rest.substr(0, path);
  rest.remove_prefix(path);
  const std::size_t colon = host.rfind(':');
  if (colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos) {
    out.port = number(host.substr(colon + 1));
    host = host.substr(0, colon);
  }
  if (host.empty()) return std::nullopt;
  out.service = service_of(host);
  const std::size_t query = rest.find('?');
  out.conversion = rest.substr(0, query).find("/convert") != std::string_view::npos;
  if (query != std::string_view::npos) {
    const std::size_t key = rest.find("timeout=", query);
    if (key != std::string_view::npos) {
      const std::string_view value = rest.substr(key + 8);
      out.timeout = seconds(value.substr(0, value.find_first_of("&#")));
    }
  }
  return out;
}

}  // namespace gatepost::explain
