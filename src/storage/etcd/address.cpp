#include "storage/etcd/address.h"

#include <algorithm>

#include "net/host_port.h"

namespace gatepost::storage::etcd {
namespace {

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }) &&
         std::stoi(std::string(text)) <= 65535;
}

}  // namespace

Result<std::vector<std::string>> parse_address(std::string_view address) {
  auto refuse = [address](const std::string& why) { return fail("\"" + std::string(address) + "\": " + why); };
  std::string_view rest = address;
  if (!rest.starts_with(kScheme)) return refuse("no " + std::string(kScheme) + " at its beginning");
  rest.remove_prefix(kScheme.size());
  if (rest.ends_with('/')) rest.remove_suffix(1);
  std::vector<std::string> endpoints;
  while (true) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string one(rest.substr(0, comma));
    auto parts = net::split_host_port(one);
    if (one.empty()) return refuse("an address of etcd is missing; it is etcd://HOST:PORT[,HOST:PORT...]");
    if (!parts) return refuse(parts.error().text);
    if (parts->host.empty()) return refuse("address " + one + ": missing host");
    if (!is_port(parts->port)) return refuse("address " + one + ": invalid port");
    if (parts->host.find_first_of("/?#@ ") != std::string::npos) return refuse("address " + one + ": invalid host");
    endpoints.push_back(net::join_host_port(parts->host, parts->port));
    if (comma == rest.size()) return endpoints;
    rest.remove_prefix(comma + 1);
  }
}

}  // namespace gatepost::storage::etcd
