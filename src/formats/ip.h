// IPv4 and IPv6 addresses and prefixes as Go's net/netip reads and prints them, with its error texts. Zones are told,
// not kept.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gatepost::formats {

struct Ip {
  std::array<std::uint8_t, 16> bytes{};  // IPv4 in the first four
  bool v6 = false;
  std::string zone;

  int bits() const { return v6 ? 128 : 32; }
  bool is_mapped_v4() const;  // ::ffff:1.2.3.4
  bool is_unspecified() const;
  bool is_loopback() const;
  bool is_link_local_unicast() const;
  bool is_link_local_multicast() const;
  bool is_multicast() const;
  bool is_global_unicast() const;
  bool operator==(const Ip& other) const = default;
};

// `ParseAddr("1.2"): IPv4 address too short`.
Result<Ip> parse_ip(std::string_view text);
std::string ip_text(const Ip& ip);

struct Prefix {
  Ip ip;
  int bits = 0;

  bool contains(const Ip& other) const;
  bool overlaps(const Prefix& other) const;
  Prefix masked() const;
  bool operator==(const Prefix& other) const = default;
};

// `netip.ParsePrefix("10.0.0.0"): no '/'`.
Result<Prefix> parse_prefix(std::string_view text);
std::string prefix_text(const Prefix& prefix);

}  // namespace gatepost::formats
