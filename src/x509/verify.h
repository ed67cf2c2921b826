// Judges a certificate as Go's crypto/x509 does, step by step in its order, with its error texts: the leaf's own
// validity, its name, chains to a root, key usages, name constraints. Pure: the time and the trust are arguments.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "x509/certificate.h"
#include "x509/pool.h"

namespace gatepost::x509 {

enum class VerifyFailure {
  expired,
  not_yet_valid,
  name_mismatch,
  no_san,
  unknown_authority,
  not_a_ca,
  path_too_long,
  incompatible_usage,
  name_constraint,
  policies,
  unhandled_extension,
  too_many_checks,
  malformed,
};

struct VerifyError {
  VerifyFailure failure;
  std::string text;  // Go's: "x509: certificate signed by unknown authority"
};

struct VerifyOptions {
  std::string name;  // empty: names are not looked at
  WallTime now;
  ExtKeyUsage usage = ExtKeyUsage::server_auth;  // any: not looked at
};

using Chain = std::vector<CertificatePtr>;  // leaf first, root last

Result<std::vector<Chain>, VerifyError> verify(const CertificatePtr& leaf, const Pool& intermediates, const Pool& roots,
                                               const VerifyOptions& options);

// What a TLS peer sent (DER, leaf first; the others are intermediates). Null roots: the system's. A certificate that
// does not parse is `malformed`, with the text of the parser.
Result<std::vector<Chain>, VerifyError> verify_peer(std::span<const std::string> sent, const Pool* roots,
                                                    const VerifyOptions& options);

}  // namespace gatepost::x509
