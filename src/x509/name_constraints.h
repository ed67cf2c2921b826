// Name constraints of authorities (RFC 5280, 4.2.1.10): reading them, and judging the names of a chain by them.
#pragma once

#include <span>

#include "x509/certificate.h"

namespace gatepost::x509 {

// False when there are subtrees of a kind nobody here understands. The error is Go's.
Result<bool> read_name_constraints(Certificate& certificate, const Extension& extension);

// `chain` is leaf first. Constraints bind every certificate below the one that carries them. The error is Go's detail:
// `DNS name "a.example.com" is not permitted by any constraint`.
Result<void> check_name_constraints(std::span<const CertificatePtr> chain);

}  // namespace gatepost::x509
