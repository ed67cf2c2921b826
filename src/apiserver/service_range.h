// The addresses that Services are given: --service-cluster-ip-range.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gatepost::apiserver {

struct ServiceRange {
  // kubeadm's default, 10.96.0.0/12. The first address is the network's own and given to nobody.
  std::uint32_t first = (10u << 24) | (96u << 16);
  std::uint32_t count = 1u << 20;

  bool contains(std::uint32_t ip) const { return ip >= first && ip - first < count; }
  // Of the Service `kubernetes`.
  std::uint32_t server() const { return first + 1; }
  // How many addresses at the start are kept for Services that ask for one (KEP-3070).
  std::uint32_t reserved() const;

  // "10.0.0.0/24"; of a list with commas the first IPv4 range. The error's text is kube-apiserver's.
  static Result<ServiceRange> parse(std::string_view text);
};

std::optional<std::uint32_t> parse_ipv4(std::string_view text);
std::string print_ipv4(std::uint32_t ip);

}  // namespace gatepost::apiserver
