// The URL that was called, taken apart: as quoted, bare, linked by a Markdown editor or with stray escapes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gatepost::explain {

struct Target {
  std::string url;
  std::string service;         // "<namespace>/<name>" where the host is a Service's name
  std::optional<int> port;     // only where the URL says it
  std::optional<int> timeout;  // seconds of ?timeout=
  bool conversion = false;     // the path that conversion webhooks commonly have
};

// Empty where `text` is not an http(s) URL with a host.
std::optional<Target> read_target(std::string_view text);

}  // namespace gatepost::explain
