#include "x509/hostname.h"

#include "x509/text.h"

namespace gatepost::x509 {
namespace {

enum class HostUse { input, pattern };

bool is_label_char(char c, bool first) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c == '-' && !first) || c == '_';
}

bool is_valid_host(std::string_view host, HostUse use) {
  if (use == HostUse::input && host.ends_with('.')) host.remove_suffix(1);
  if (host.empty() || host == "*") return false;
  for (bool leftmost = true;; leftmost = false) {
    const auto dot = host.find('.');
    const std::string_view label = host.substr(0, dot);
    if (label.empty()) return false;
    if (!(use == HostUse::pattern && leftmost && label == "*")) {
      for (std::size_t i = 0; i < label.size(); ++i) {
        if (!is_label_char(label[i], i == 0)) return false;
      }
    }
    if (dot == std::string_view::npos) return true;
    host.remove_prefix(dot + 1);
  }
}

// Both in lower case. Equal label by label; the pattern's first may be a *.
bool matches(std::string_view pattern, std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  if (pattern.empty()) return false;
  for (bool leftmost = true;; leftmost = false) {
    const auto pattern_dot = pattern.find('.'), host_dot = host.find('.');
    if ((pattern_dot == std::string_view::npos) != (host_dot == std::string_view::npos)) return false;
    const std::string_view wanted = pattern.substr(0, pattern_dot);
    if (!(leftmost && wanted == "*") && wanted != host.substr(0, host_dot)) return false;
    if (pattern_dot == std::string_view::npos) return true;
    pattern.remove_prefix(pattern_dot + 1);
    host.remove_prefix(host_dot + 1);
  }
}

constexpr std::size_t max_names_shown = 100;

HostnameError mismatch(const Certificate& certificate, const std::string& host) {
  const NameMismatch kind = certificate.has_san ? NameMismatch::other_names : NameMismatch::no_san;
  if (!certificate.has_san && matches(to_lower_ascii(certificate.subject.common_name()), to_lower_ascii(host))) {
    return {kind, "x509: certificate relies on legacy Common Name field, use SANs instead"};
  }
  const bool is_ip = parse_ip(host).has_value();
  const std::size_t count = is_ip ? certificate.ip_addresses.size() : certificate.dns_names.size();
  if (is_ip && count == 0) {
    return {kind, "x509: cannot validate certificate for " + host + " because it doesn't contain any IP SANs"};
  }
  if (count >= max_names_shown) {
    return {kind, "x509: certificate is valid for " + std::to_string(count) + (is_ip ? " IP SANs" : " names") +
                      ", but none matched " + host};
  }
  std::string names;
  for (const auto& name : is_ip ? certificate.ip_addresses : certificate.dns_names) {
    if (&name != (is_ip ? certificate.ip_addresses.data() : certificate.dns_names.data())) names += ", ";
    names += is_ip ? ip_text(name) : name;
  }
  if (names.empty()) {
    return {kind, "x509: certificate is not valid for any names, but wanted to match " + host};
  }
  return {kind, "x509: certificate is valid for " + names + ", not " + host};
}

}  // namespace

Result<void, HostnameError> verify_hostname(const Certificate& certificate, std::string_view host) {
  std::string_view bare = host;
  if (host.size() >= 3 && host.front() == '[' && host.back() == ']') bare = host.substr(1, host.size() - 2);
  if (auto ip = parse_ip(bare)) {
    for (const auto& candidate : certificate.ip_addresses) {
      if (candidate == *ip || ip_text(candidate) == ip_text(*ip)) return {};
    }
    return fail_with(mismatch(certificate, std::string(bare)));
  }
  const std::string wanted = to_lower_ascii(host);
  const bool valid = is_valid_host(wanted, HostUse::input);
  for (const auto& name : certificate.dns_names) {
    const std::string pattern = to_lower_ascii(name);
    const bool equal = valid && is_valid_host(name, HostUse::pattern)
                           ? matches(pattern, wanted)
                           : pattern == wanted && !pattern.empty() && pattern != ".";
    if (equal) return {};
  }
  return fail_with(mismatch(certificate, std::string(host)));
}

}  // namespace gatepost::x509
