// The libraries ip and cidr.
#include "cel/kubernetes/network.h"

#include "cel/kubernetes/host_value.h"
#include "cel/libraries.h"
#include "formats/ip.h"

namespace gatepost::cel {

namespace {

using Args = std::span<const Value>;
using formats::Ip;
using formats::Prefix;

// ::ffff:1.2.3.4 is 1.2.3.4.
Ip without_mapping(const Ip& ip) {
  if (!ip.is_mapped_v4()) return ip;
  Ip out;
  std::copy(ip.bytes.begin() + 12, ip.bytes.end(), out.bytes.begin());
  return out;
}

struct IpTraits {
  static const Type* type() {
    static const Type type{TypeKind::Opaque, false, "net.IP", {}};
    return &type;
  }
  static bool equals(const Ip& a, const Ip& b) { return without_mapping(a) == without_mapping(b); }
  static std::string text(const Ip& ip) { return formats::ip_text(ip); }
};
using IpValue = HostValue<Ip, IpTraits>;

struct CidrTraits {
  static const Type* type() {
    static const Type type{TypeKind::Opaque, false, "net.CIDR", {}};
    return &type;
  }
  static bool equals(const Prefix& a, const Prefix& b) { return a == b; }
  static std::string text(const Prefix& prefix) { return formats::prefix_text(prefix); }
};
using CidrValue = HostValue<Prefix, CidrTraits>;

// Kubernetes refuses IPv4-mapped addresses; the language only those written with dots.
template <Dialect D>
Result<Ip> read_ip(std::string_view text) {
  auto ip = formats::parse_ip(text);
  const std::string shown = "\"" + std::string(text) + "\"";
  if (!ip) return fail("IP Address " + shown + " parse error during conversion from string: " + ip.error().text);
  if (!ip->zone.empty()) return fail("IP address " + shown + " with zone value is not allowed");
  const bool dotted = text.find('.') != std::string_view::npos;
  if (ip->is_mapped_v4() && (D == Dialect::Kubernetes || dotted))
    return fail("IPv4-mapped IPv6 address " + shown + " is not allowed");
  return ip;
}

const std::string kNetworkProblem = "network address parse error during conversion from string: ";

Result<Prefix> read_cidr(std::string_view text) {
  auto prefix = formats::parse_prefix(text);
  if (!prefix) return fail(kNetworkProblem + prefix.error().text);
  if (prefix->ip.is_mapped_v4()) return fail("IPv4-mapped IPv6 address \"" + std::string(text) + "\" is not allowed");
  return prefix;
}

// ip(string), and the address of a prefix.
template <Dialect D>
Value ip(Evaluation& evaluation, Args args) {
  if (const Prefix* prefix = CidrValue::get(args[0])) return IpValue::make(evaluation, prefix->ip);
  if (!args[0].is(ValueKind::String)) return no_such_overload();
  auto out = read_ip<D>(args[0].text());
  return out ? IpValue::make(evaluation, std::move(*out)) : evaluation.error(out.error().text);
}

Value cidr(Evaluation& evaluation, Args args) {
  if (!args[0].is(ValueKind::String)) return no_such_overload();
  auto out = read_cidr(args[0].text());
  return out ? CidrValue::make(evaluation, std::move(*out)) : evaluation.error(kNetworkProblem + out.error().text);
}

Value is_ip(Evaluation&, Args args) {
  return args[0].is(ValueKind::String) ? Value::of_bool(read_ip<Dialect::Kubernetes>(args[0].text()).has_value())
                                       : no_such_overload();
}
Value is_cidr(Evaluation&, Args args) {
  return args[0].is(ValueKind::String) ? Value::of_bool(read_cidr(args[0].text()).has_value()) : no_such_overload();
}

Value is_canonical(Evaluation& evaluation, Args args) {
  if (!args[0].is(ValueKind::String)) return no_such_overload();
  const auto out = read_ip<Dialect::Kubernetes>(args[0].text());
  return out ? Value::of_bool(formats::ip_text(*out) == args[0].text()) : evaluation.error(out.error().text);
}

Value family(Evaluation&, Args args) {
  const Ip* address = IpValue::get(args[0]);
  return address != nullptr ? Value::of_int(address->v6 ? 6 : 4) : no_such_overload();
}

template <bool (Ip::*Test)() const>
Value test(Evaluation&, Args args) {
  const Ip* address = IpValue::get(args[0]);
  return address != nullptr ? Value::of_bool((address->*Test)()) : no_such_overload();
}

Value to_string(Evaluation& evaluation, Args args) {
  if (const Ip* address = IpValue::get(args[0])) return evaluation.text(formats::ip_text(*address));
  if (const Prefix* prefix = CidrValue::get(args[0])) return evaluation.text(formats::prefix_text(*prefix));
  return no_such_overload();
}

Value contains_ip(Evaluation& evaluation, Args args) {
  const Prefix* prefix = CidrValue::get(args[0]);
  if (prefix == nullptr) return no_such_overload();
  if (const Ip* address = IpValue::get(args[1])) return Value::of_bool(prefix->contains(*address));
  if (!args[1].is(ValueKind::String)) return no_such_overload();
  const auto address = read_ip<Dialect::Kubernetes>(args[1].text());
  return address ? Value::of_bool(prefix->contains(*address)) : evaluation.error("no such overload");
}

Value contains_cidr(Evaluation& evaluation, Args args) {
  const Prefix* prefix = CidrValue::get(args[0]);
  if (prefix == nullptr) return no_such_overload();
  const auto inside = [&](const Prefix& other) {
    return Value::of_bool(prefix->overlaps(other) && prefix->bits <= other.bits);
  };
  if (const Prefix* other = CidrValue::get(args[1])) return inside(*other);
  if (!args[1].is(ValueKind::String)) return no_such_overload();
  const auto other = read_cidr(args[1].text());
  return other ? inside(*other) : evaluation.error(kNetworkProblem + other.error().text);
}

Value prefix_length(Evaluation&, Args args) {
  const Prefix* prefix = CidrValue::get(args[0]);
  return prefix != nullptr ? Value::of_int(prefix->bits) : no_such_overload();
}

Value masked(Evaluation& evaluation, Args args) {
  const Prefix* prefix = CidrValue::get(args[0]);
  return prefix != nullptr ? CidrValue::make(evaluation, prefix->masked()) : no_such_overload();
}

}  // namespace

std::uint64_t network_value_size(const Value& value) {
  if (const Ip* address = IpValue::get(value)) return static_cast<std::uint64_t>(address->bits() / 8);
  if (const Prefix* prefix = CidrValue::get(value)) return static_cast<std::uint64_t>((prefix->bits + 7) / 8);
  return 1;
}

void add_network(Declarations& to) {
  to.type_name("net.IP", IpTraits::type());
  to.type_name("net.CIDR", CidrTraits::type());
  to.function("ip", to.dialect == Dialect::Language ? ip<Dialect::Language> : ip<Dialect::Kubernetes>,
              {{"string_to_ip", "string->@net.IP"}, {"cidr_ip", ".@net.CIDR->@net.IP"}});
  to.function("family", family, {{"ip_family", ".@net.IP->int"}});
  to.function("ip.isCanonical", is_canonical, {{"ip_is_canonical", "string->bool"}});
  to.function("isUnspecified", test<&Ip::is_unspecified>, {{"ip_is_unspecified", ".@net.IP->bool"}});
  to.function("isLoopback", test<&Ip::is_loopback>, {{"ip_is_loopback", ".@net.IP->bool"}});
  to.function("isLinkLocalMulticast", test<&Ip::is_link_local_multicast>,
              {{"ip_is_link_local_multicast", ".@net.IP->bool"}});
  to.function("isLinkLocalUnicast", test<&Ip::is_link_local_unicast>, {{"ip_is_link_local_unicast", ".@net.IP->bool"}});
  to.function("isGlobalUnicast", test<&Ip::is_global_unicast>, {{"ip_is_global_unicast", ".@net.IP->bool"}});
  to.function("isIP", is_ip, {{"is_ip", "string->bool"}});
  to.function("string", to_string, {{"ip_to_string", "@net.IP->string"}, {"cidr_to_string", "@net.CIDR->string"}});
  to.function("cidr", cidr, {{"string_to_cidr", "string->@net.CIDR"}});
  to.function(
      "containsIP", contains_ip,
      {{"cidr_contains_ip_string", ".@net.CIDR,string->bool"}, {"cidr_contains_ip_ip", ".@net.CIDR,@net.IP->bool"}});
  to.function(
      "containsCIDR", contains_cidr,
      {{"cidr_contains_cidr_string", ".@net.CIDR,string->bool"}, {"cidr_contains_cidr", ".@net.CIDR,@net.CIDR->bool"}});
  to.function("prefixLength", prefix_length, {{"cidr_prefix_length", ".@net.CIDR->int"}});
  to.function("masked", masked, {{"cidr_masked", ".@net.CIDR->@net.CIDR"}});
  to.function("isCIDR", is_cidr, {{"is_cidr", "string->bool"}});
}

}  // namespace gatepost::cel
