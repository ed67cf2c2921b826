#include "net/proxy.h"

#include <boost/asio/ip/address.hpp>
#include <charconv>

#include "net/host_port.h"

namespace gatepost::net {
namespace {

// The bytes of an IP address: 4 for IPv4 (mapped into IPv6 or not), 16 for IPv6, none for anything else.
std::string address_bytes(std::string_view text) {
  namespace ip = boost::asio::ip;
  boost::system::error_code error;
  ip::address address = ip::make_address(text, error);
  if (error) return {};
  if (address.is_v6() && address.to_v6().is_v4_mapped()) address = ip::make_address_v4(ip::v4_mapped, address.to_v6());
  if (address.is_v4()) {
    auto bytes = address.to_v4().to_bytes();
    return {bytes.begin(), bytes.end()};
  }
  auto bytes = address.to_v6().to_bytes();
  return {bytes.begin(), bytes.end()};
}

bool is_loopback(const std::string& bytes) {
  if (bytes.size() == 4) return bytes[0] == 127;
  return bytes == std::string(15, '\0') + '\1';
}

bool in_network(const std::string& bytes, const std::string& network, int prefix) {
  if (bytes.size() != network.size()) return false;
  for (int bit = 0; bit < prefix; ++bit) {
    int mask = 0x80 >> (bit % 8);
    std::size_t at = static_cast<std::size_t>(bit / 8);
    if ((bytes[at] & mask) != (network[at] & mask)) return false;
  }
  return true;
}

std::string lower_trimmed(std::string_view text) {
  std::size_t from = text.find_first_not_of(" \t\r\n");
  if (from == std::string_view::npos) return {};
  text = text.substr(from, text.find_last_not_of(" \t\r\n") - from + 1);
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

std::optional<url::Url> parse_proxy(const std::string& text) {
  if (text.empty()) return std::nullopt;
  auto whole = url::parse(text);
  if (whole && !whole->scheme.empty() && !whole->host.empty()) return *whole;
  if (auto with_scheme = url::parse("http://" + text)) return *with_scheme;
  if (whole) return *whole;
  return std::nullopt;
}

}  // namespace

std::string canonical_address(const url::Url& url) {
  std::string port = url.port();
  if (port.empty()) {
    if (url.scheme == "http") port = "80";
    if (url.scheme == "https") port = "443";
    if (url.scheme == "socks5" || url.scheme == "socks5h") port = "1080";
  }
  return join_host_port(url.hostname(), port);
}

Proxies Proxies::from_environment(const std::function<std::string(const char*)>& variable) {
  auto any = [&](const char* upper, const char* lower) {
    std::string value = variable(upper);
    return value.empty() ? variable(lower) : value;
  };
  Proxies out;
  // A CGI program must not let a request's Proxy field choose its proxy.
  if (variable("REQUEST_METHOD").empty()) out.http_ = parse_proxy(any("HTTP_PROXY", "http_proxy"));
  out.https_ = parse_proxy(any("HTTPS_PROXY", "https_proxy"));
  std::string list = any("NO_PROXY", "no_proxy");
  std::string_view rest = list;
  while (!rest.empty()) {
    std::size_t comma = rest.find(',');
    out.add_rule(lower_trimmed(rest.substr(0, comma)));
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  return out;
}

void Proxies::add_rule(std::string text) {
  if (text.empty()) return;
  Rule rule;
  if (text == "*") {
    rule.kind = Rule::Kind::everything;
    rules_.push_back(rule);
    return;
  }
  if (std::size_t slash = text.find('/'); slash != std::string::npos) {
    rule.bytes = address_bytes(std::string_view(text).substr(0, slash));
    auto [end, error] = std::from_chars(text.data() + slash + 1, text.data() + text.size(), rule.prefix);
    bool whole = error == std::errc() && end == text.data() + text.size();
    if (whole && !rule.bytes.empty() && rule.prefix >= 0 && rule.prefix <= static_cast<int>(rule.bytes.size()) * 8) {
      rule.kind = Rule::Kind::network;
      rules_.push_back(rule);
      return;
    }
  }
  std::string host = text;
  if (auto parts = split_host_port(text)) {
    host = parts->host;
    rule.port = parts->port;
  }
  if (host.empty()) return;
  rule.bytes = address_bytes(host);
  if (!rule.bytes.empty()) {
    rule.kind = Rule::Kind::address;
    rules_.push_back(rule);
    return;
  }
  if (host.starts_with("*.")) host.erase(0, 1);
  if (host[0] != '.') {
    rule.match_host = true;
    host.insert(0, ".");
  }
  rule.host = host;
  rules_.push_back(rule);
}

bool Proxies::direct(const std::string& host, const std::string& port) const {
  if (host == "localhost") return true;
  std::string bytes = address_bytes(host);
  if (!bytes.empty() && is_loopback(bytes)) return true;
  std::string name = lower_trimmed(host);
  for (const Rule& rule : rules_) {
    bool matches = false;
    switch (rule.kind) {
      case Rule::Kind::everything:
        return true;
      case Rule::Kind::network:
        matches = in_network(bytes, rule.bytes, rule.prefix);
        break;
      case Rule::Kind::address:
        matches = bytes == rule.bytes;
        break;
      case Rule::Kind::domain:
        matches = bytes.empty() && (name.ends_with(rule.host) || (rule.match_host && name == rule.host.substr(1)));
        break;
    }
    if (matches && (rule.port.empty() || rule.port == port)) return true;
  }
  return false;
}

const url::Url* Proxies::for_url(const url::Url& target) const {
  const std::optional<url::Url>* proxy = nullptr;
  if (target.scheme == "https") proxy = &https_;
  if (target.scheme == "http") proxy = &http_;
  if (!proxy || !*proxy) return nullptr;
  auto parts = split_host_port(canonical_address(target));
  if (!parts || direct(parts->host, parts->port)) return nullptr;
  return &**proxy;
}

}  // namespace gatepost::net
