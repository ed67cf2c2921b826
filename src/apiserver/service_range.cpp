#include "apiserver/service_range.h"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>

namespace gatepost::apiserver {

std::optional<std::uint32_t> parse_ipv4(std::string_view text) {
  in_addr address{};
  if (inet_pton(AF_INET, std::string(text).c_str(), &address) != 1) return std::nullopt;
  return ntohl(address.s_addr);
}

std::string print_ipv4(std::uint32_t ip) {
  return std::to_string(ip >> 24) + "." + std::to_string(ip >> 16 & 255) + "." + std::to_string(ip >> 8 & 255) + "." +
         std::to_string(ip & 255);
}

std::uint32_t ServiceRange::reserved() const {
  constexpr std::uint32_t least = 16, most = 256, share = 16;
  if (count <= least) return 0;
  return std::clamp(count / share, least, most);
}

Result<ServiceRange> ServiceRange::parse(std::string_view text) {
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string_view one = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(one.size() + 1, rest.size()));
    if (one.find(':') != one.npos) continue;  // IPv6: Services are of one family here
    const std::size_t slash = one.find('/');
    const auto ip = parse_ipv4(one.substr(0, slash));
    unsigned bits = 0;
    const std::string_view digits = slash == one.npos ? std::string_view() : one.substr(slash + 1);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (!ip || digits.empty() || read.ec != std::errc{} || read.ptr != digits.data() + digits.size() || bits > 32)
      return fail("service-cluster-ip-range: invalid CIDR address: " + std::string(one));
    constexpr unsigned narrowest = 30, widest = 12;
    if (bits < widest || bits > narrowest)
      return fail("service-cluster-ip-range: " + std::string(one) + " must have a mask of /12 to /30");
    const std::uint32_t size = 1u << (32 - bits);
    return ServiceRange{*ip & ~(size - 1), size};
  }
  return fail("service-cluster-ip-range: " + std::string(text) + " holds no IPv4 range");
}

}  // namespace gatepost::apiserver
