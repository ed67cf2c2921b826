// Building chains from a leaf to a trusted root, candidate by candidate, as Go's Certificate.buildChains.
#pragma once

#include "x509/pool.h"
#include "x509/verify.h"

namespace gatepost::x509 {

enum class CertificateRole { leaf, intermediate, root };

// What stands in a certificate itself: critical extensions, dates, the right to sign, the path length. `below` is the
// chain that it would be appended to.
Result<void, VerifyError> check_certificate(const Certificate& certificate, CertificateRole role, const Chain& below,
                                            WallTime now);

// All chains, leaf first. Bounded by 100 signature checks.
Result<std::vector<Chain>, VerifyError> build_chains(const CertificatePtr& leaf, const Pool& intermediates,
                                                     const Pool& roots, WallTime now);

}  // namespace gatepost::x509
