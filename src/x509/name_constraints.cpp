#include "x509/name_constraints.h"

#include <algorithm>

#include "x509/der.h"
#include "x509/domain.h"
#include "x509/text.h"

namespace gatepost::x509 {
namespace {

bool is_mask(std::string_view mask) {
  bool zeros = false;
  for (char c : mask) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (zeros && byte != 0) return false;
    if (byte == 0xff) continue;
    // ones, then zeros: its complement is one below a power of two
    const std::uint8_t tail = static_cast<std::uint8_t>(~byte);
    if (tail & (tail + 1)) return false;
    zeros = true;
  }
  return true;
}

// False in the result: there was a subtree of another kind.
Result<bool> read_subtrees(NameSubtrees& into, std::string_view bytes) {
  bool all = true;
  Der subtrees(bytes);
  while (!subtrees.empty()) {
    auto subtree = subtrees.enter(tag::sequence);
    auto base = subtree ? subtree->any() : std::nullopt;
    if (!base) return fail("x509: invalid NameConstraints extension");
    const std::string_view value = base->content;
    const auto not_ascii = [&] {
      return fail("x509: invalid constraint value: x509: " + quoted(value) + " cannot be encoded as an IA5String");
    };
    switch (base->tag) {
      case tag::context(1):
        if (!is_ascii(value)) return not_ascii();
        if (value.find('@') != std::string_view::npos ? !parse_mailbox(value)
                                                      : !is_domain_name(value, DomainUse::constraint)) {
          return fail("x509: failed to parse rfc822Name constraint " + quoted(value));
        }
        into.emails.emplace_back(value);
        break;
      case tag::context(2):
        if (!is_ascii(value)) return not_ascii();
        if (!is_domain_name(value, DomainUse::constraint)) {
          return fail("x509: failed to parse dnsName constraint " + quoted(value));
        }
        into.dns.emplace_back(value);
        break;
      case tag::context(6):
        if (!is_ascii(value)) return not_ascii();
        if (parse_ip(value)) {
          return fail("x509: failed to parse URI constraint " + quoted(value) + ": cannot be IP address");
        }
        if (!is_domain_name(value, DomainUse::constraint)) {
          return fail("x509: failed to parse URI constraint " + quoted(value));
        }
        into.uris.emplace_back(value);
        break;
      case tag::context(7): {
        if (value.size() != 8 && value.size() != 32) {
          return fail("x509: IP constraint contained value of length " + std::to_string(value.size()));
        }
        const IpRange range{value.substr(0, value.size() / 2), value.substr(value.size() / 2)};
        if (!is_mask(range.mask)) return fail("x509: IP constraint contained invalid mask " + hex(range.mask));
        into.ips.push_back(range);
        break;
      }
      default:
        all = false;
    }
  }
  return all;
}

// ---- judging

// example.com covers itself and what ends in .example.com; .example.com only the latter; the empty name all.
bool covers_domain(std::string_view constraint, std::string_view name) {
  if (constraint.empty()) return true;
  if (constraint.size() > name.size()) return false;
  if (to_lower_ascii(name.substr(name.size() - constraint.size())) != to_lower_ascii(constraint)) return false;
  return constraint[0] == '.' || constraint.size() == name.size() || name[name.size() - constraint.size() - 1] == '.';
}

enum class Side { permitted, excluded };

// The constraint that covers a name. A wildcard name is excluded too when one of the names it stands for would be:
// *.example.com by host.example.com.
const std::string* find_domain(const std::vector<std::string>& constraints, Side side, std::string_view name) {
  for (const auto& constraint : constraints) {
    if (covers_domain(constraint, name)) return &constraint;
  }
  if (side == Side::excluded && name.starts_with('*')) {
    const std::string parent = to_lower_ascii(name.substr(std::min(name.find('.'), name.size())));
    for (const auto& constraint : constraints) {
      const auto dot = constraint.find('.');
      if (dot != std::string::npos && to_lower_ascii(constraint).substr(dot) == parent) return &constraint;
    }
  }
  return nullptr;
}

struct Kind {
  const char* name;  // "DNS name"
  std::vector<std::string> NameSubtrees::* subtrees;
};

Failure<Error> not_permitted(const char* kind, const std::string& shown) {
  return fail(std::string(kind) + " " + quoted(shown) + " is not permitted by any constraint");
}

Failure<Error> excluded_by(const char* kind, const std::string& shown, const std::string& constraint) {
  return fail(std::string(kind) + " " + quoted(shown) + " is excluded by constraint " + quoted(constraint));
}

Result<void> check_domain(const Certificate& authority, Kind kind, std::string_view domain, const std::string& shown) {
  const auto& permitted = authority.permitted.*kind.subtrees;
  const auto& excluded = authority.excluded.*kind.subtrees;
  if (!permitted.empty() && !find_domain(permitted, Side::permitted, domain)) return not_permitted(kind.name, shown);
  if (const auto* constraint = find_domain(excluded, Side::excluded, domain)) {
    return excluded_by(kind.name, shown, *constraint);
  }
  return {};
}

// A constraint with an @ is one mailbox, another one a domain.
const std::string* find_mailbox(const std::vector<std::string>& constraints, Side side, const Mailbox& mailbox) {
  for (const auto& constraint : constraints) {
    if (constraint.find('@') == std::string::npos) continue;
    auto exact = parse_mailbox(constraint);
    if (!exact) continue;
    exact->domain = to_lower_ascii(exact->domain);
    if (*exact == mailbox) return &constraint;
  }
  for (const auto& constraint : constraints) {
    if (constraint.find('@') != std::string::npos) continue;
    const std::vector<std::string> one{constraint};
    if (find_domain(one, side, mailbox.domain)) return &constraint;
  }
  return nullptr;
}

bool covers_ip(const IpRange& range, std::string_view ip) {
  if (range.address.size() != ip.size()) return false;
  for (std::size_t i = 0; i < ip.size(); ++i) {
    if ((range.address[i] & range.mask[i]) != (ip[i] & range.mask[i])) return false;
  }
  return true;
}

std::string range_text(const IpRange& range) {
  unsigned ones = 0;
  for (char c : range.mask) {
    for (int bit = 7; bit >= 0 && static_cast<std::uint8_t>(c) >> bit & 1; --bit) ++ones;
  }
  return ip_text(range.address) + "/" + std::to_string(ones);
}

Result<void> check_ip(const Certificate& authority, std::string_view ip) {
  const auto find = [&](const std::vector<IpRange>& ranges) {
    return std::find_if(ranges.begin(), ranges.end(), [&](const IpRange& range) { return covers_ip(range, ip); });
  };
  const auto& permitted = authority.permitted.ips;
  const auto& excluded = authority.excluded.ips;
  if (!permitted.empty() && find(permitted) == permitted.end()) return not_permitted("IP address", ip_text(ip));
  if (auto range = find(excluded); range != excluded.end()) {
    return excluded_by("IP address", ip_text(ip), range_text(*range));
  }
  return {};
}

Result<std::string> constrained_uri_host(const std::string& uri) {
  auto host = uri_host(uri);
  if (!host) return fail_with(host.error());
  if (host->empty()) return fail("URI with empty host (" + quoted(uri) + ") cannot be matched against constraints");
  std::string name = to_lower_ascii(*host);
  if (!name.ends_with(']')) name = name.substr(0, name.rfind(':'));
  if (parse_ip(name) || name.starts_with('[')) {
    return fail("URI with IP (" + quoted(uri) + ") cannot be matched against constraints");
  }
  return name;
}

Result<void> check_names(const Certificate& authority, const Certificate& certificate) {
  for (const auto& ip : certificate.ip_addresses) {
    if (auto verdict = check_ip(authority, ip); !verdict) return verdict;
  }
  for (const auto& name : certificate.dns_names) {
    if (!is_domain_name(name, DomainUse::name)) return fail("x509: cannot parse dnsName " + quoted(name));
    if (auto verdict = check_domain(authority, {"DNS name", &NameSubtrees::dns}, name, name); !verdict) return verdict;
  }
  for (const auto& uri : certificate.uris) {
    auto host = constrained_uri_host(uri);
    if (!host) return fail_with(host.error());
    if (auto verdict = check_domain(authority, {"URI", &NameSubtrees::uris}, *host, uri); !verdict) return verdict;
  }
  for (const auto& email : certificate.emails) {
    auto mailbox = parse_mailbox(email);
    if (!mailbox) return fail("cannot parse rfc822Name " + quoted(email));
    mailbox->domain = to_lower_ascii(mailbox->domain);
    const std::string shown = mailbox->local + "@" + mailbox->domain;
    const auto& permitted = authority.permitted.emails;
    const auto& excluded = authority.excluded.emails;
    if (!permitted.empty() && !find_mailbox(permitted, Side::permitted, *mailbox)) {
      return not_permitted("email address", shown);
    }
    if (const auto* constraint = find_mailbox(excluded, Side::excluded, *mailbox)) {
      return excluded_by("email address", shown, *constraint);
    }
  }
  return {};
}

}  // namespace

Result<bool> read_name_constraints(Certificate& certificate, const Extension& extension) {
  const auto invalid = [] { return fail("x509: invalid NameConstraints extension"); };
  Der outer(extension.value);
  auto fields = outer.enter(tag::sequence);
  if (!fields || !outer.empty()) return invalid();
  std::string_view permitted, excluded;
  for (auto [number, bytes] : {std::pair{0, &permitted}, {1, &excluded}}) {
    const std::uint8_t expected = tag::context_constructed(static_cast<std::uint8_t>(number));
    if (!fields->next_is(expected)) continue;
    auto content = fields->content(expected);
    if (!content) return invalid();
    *bytes = *content;
  }
  if (!fields->empty()) return invalid();
  if (permitted.empty() && excluded.empty()) return fail("x509: empty name constraints extension");
  certificate.has_name_constraints = true;
  auto first = read_subtrees(certificate.permitted, permitted);
  if (!first) return first;
  auto second = read_subtrees(certificate.excluded, excluded);
  if (!second) return second;
  return *first && *second;
}

Result<void> check_name_constraints(std::span<const CertificatePtr> chain) {
  for (std::size_t i = 0; i < chain.size(); ++i) {
    if (!chain[i]->has_san) continue;
    for (std::size_t above = i + 1; above < chain.size(); ++above) {
      if (!chain[above]->has_name_constraints) continue;
      if (auto verdict = check_names(*chain[above], *chain[i]); !verdict) return verdict;
    }
  }
  return {};
}

}  // namespace gatepost::x509
