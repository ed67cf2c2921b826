// Whether a certificate is for a name, with Go's rules (RFC 6125: only subject alternative names count, a wildcard is a
// whole leftmost label) and Go's words.
#pragma once

#include "x509/certificate.h"

namespace gatepost::x509 {

enum class NameMismatch { no_san, other_names };
struct HostnameError {
  NameMismatch kind = NameMismatch::other_names;
  std::string text;  // "x509: certificate is valid for a, b, not c"
};

// `host` is a DNS name or an IP address, the latter also in brackets.
Result<void, HostnameError> verify_hostname(const Certificate& certificate, std::string_view host);

}  // namespace gatepost::x509
