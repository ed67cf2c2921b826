// Names inside certificates: which domains, mailboxes and URI hosts are well formed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gatepost::x509 {

enum class DomainUse { name, constraint };  // a constraint may start with a dot

// Go's domainNameValid: printable ASCII, no empty label, no dot at the end; the empty name passes.
bool is_domain_name(std::string_view text, DomainUse use);

struct Mailbox {
  std::string local, domain;
  bool operator==(const Mailbox&) const = default;
};
// RFC 2821's Mailbox with the leniency of Go's parseRFC2821Mailbox.
std::optional<Mailbox> parse_mailbox(std::string_view text);

// The host (with its port, if any) of a URI; empty when it has none. The error is the reason.
Result<std::string> uri_host(std::string_view uri);

}  // namespace gatepost::x509
