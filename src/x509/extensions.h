// Reads a certificate's extensions into its fields.
#pragma once

#include "x509/certificate.h"

namespace gatepost::x509 {

// `certificate.extensions` is filled; the error is Go's.
Result<void> read_extensions(Certificate& certificate);

}  // namespace gatepost::x509
