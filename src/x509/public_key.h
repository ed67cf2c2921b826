// Public keys: reading subjectPublicKeyInfo, and checking a certificate's signature with one.
#pragma once

#include "x509/certificate.h"

namespace gatepost::x509 {

// Fills key_algorithm, public_key and key_bits from public_key_info. The error is Go's.
Result<void> read_public_key(Certificate& certificate);

// Whether `parent` may sign certificates and signed `certificate`. The error is Go's:
// "x509: ECDSA verification failure".
Result<void> check_signature(const Certificate& certificate, const Certificate& parent);

}  // namespace gatepost::x509
