// Which proxy, if any, a request goes through: HTTPS_PROXY, HTTP_PROXY and NO_PROXY as Go's ProxyFromEnvironment reads
// them. A value; the environment is read once, by the caller.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/url.h"

namespace gatepost::net {

class Proxies {
 public:
  // No proxy at all.
  Proxies() = default;
  // `variable` gives an environment variable's value, empty when it is not set. Values that are no URL are ignored.
  static Proxies from_environment(const std::function<std::string(const char*)>& variable);

  // The proxy for a request to `target`; null for a direct connection. localhost and loopback addresses are always
  // reached directly.
  const url::Url* for_url(const url::Url& target) const;

 private:
  struct Rule {
    enum class Kind { everything, network, address, domain } kind = Kind::domain;
    std::string host;   // domain: with a leading dot
    std::string port;   // empty: any
    std::string bytes;  // address or network, 4 or 16 bytes
    int prefix = 0;
    bool match_host = false;  // the domain itself too, not only what lies below it
  };
  bool direct(const std::string& host, const std::string& port) const;
  void add_rule(std::string text);

  std::optional<url::Url> http_, https_;
  std::vector<Rule> rules_;
};

// "host:port" with the scheme's usual port filled in.
std::string canonical_address(const url::Url& url);

}  // namespace gatepost::net
