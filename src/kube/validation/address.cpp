#include "kube/validation/address.h"

namespace gatepost::kube {
namespace {

// "010.1.02.3" -> "10.1.2.3"; anything without a colon.
std::string without_leading_zeros(std::string_view text) {
  std::string out;
  bool at_start = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    bool digit_follows = i + 1 < text.size() && text[i + 1] >= '0' && text[i + 1] <= '9';
    if (at_start && text[i] == '0' && digit_follows) continue;
    at_start = text[i] == '.' || text[i] == '/';
    out.push_back(text[i]);
  }
  return out;
}

std::string canonical(const formats::Ip& ip) {
  if (!ip.is_mapped_v4()) return formats::ip_text(ip);
  formats::Ip plain;
  for (int i = 0; i < 4; ++i) plain.bytes[static_cast<std::size_t>(i)] = ip.bytes[static_cast<std::size_t>(12 + i)];
  return formats::ip_text(plain);
}

}  // namespace

std::optional<formats::Ip> read_address(std::string_view text) {
  if (text.find('%') != std::string_view::npos) return std::nullopt;
  std::string cleaned = text.find(':') == std::string_view::npos ? without_leading_zeros(text) : std::string(text);
  auto ip = formats::parse_ip(cleaned);
  if (!ip) return std::nullopt;
  return *ip;
}

std::optional<formats::Prefix> read_block(std::string_view text) {
  std::string cleaned = text.find(':') == std::string_view::npos ? without_leading_zeros(text) : std::string(text);
  auto prefix = formats::parse_prefix(cleaned);
  if (!prefix) return std::nullopt;
  return *prefix;
}

bool validate_address(Errors& errors, const Field& field, std::string_view text) {
  auto ip = read_address(text);
  if (!ip) {
    errors.invalid_text(field, text, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
    return false;
  }
  bool well_formed = true;
  auto complain = [&](const char* what) {
    errors.invalid_text(field, text, what);
    well_formed = false;
  };
  if (!formats::parse_ip(text)) complain("must not have leading 0s");
  if (ip->is_mapped_v4()) complain("must not be an IPv4-mapped IPv6 address");
  return well_formed;
}

bool validate_canonical_address(Errors& errors, const Field& field, std::string_view text) {
  if (!validate_address(errors, field, text)) return false;
  std::string wanted = canonical(*read_address(text));
  if (wanted == text) return true;
  errors.invalid_text(field, text, "must be in canonical form (" + shown(std::string_view(wanted)) + ")");
  return false;
}

bool validate_block(Errors& errors, const Field& field, std::string_view text) {
  auto block = read_block(text);
  auto refuse = [&](const char* what) {
    errors.invalid_text(field, text, what);
    return false;
  };
  if (!block) return refuse("must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
  if (!formats::parse_prefix(text)) return refuse("must not have leading 0s in IP or prefix length");
  if (block->ip.is_mapped_v4()) return refuse("must not have an IPv4-mapped IPv6 address");
  if (!(block->masked().ip == block->ip)) return refuse("must not have bits set beyond the prefix length");
  return true;
}

void validate_endpoint_address(Errors& errors, const Field& field, std::string_view text) {
  auto ip = read_address(text);
  if (!ip) {
    errors.invalid_text(field, text, "must be a valid IP address");
    return;
  }
  if (ip->is_unspecified()) errors.invalid_text(field, text, "may not be unspecified (" + std::string(text) + ")");
  if (ip->is_loopback()) errors.invalid_text(field, text, "may not be in the loopback range (127.0.0.0/8, ::1/128)");
  if (ip->is_link_local_unicast())
    errors.invalid_text(field, text, "may not be in the link-local range (169.254.0.0/16, fe80::/10)");
  if (ip->is_link_local_multicast())
    errors.invalid_text(field, text, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)");
}

}  // namespace gatepost::kube
