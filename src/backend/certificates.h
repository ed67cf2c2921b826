// The certificates of a misbehaving backend: a good one, and those that are wrong on purpose.
#pragma once

#include <string>
#include <vector>

#include "backend/faults.h"
#include "base/result.h"
#include "x509/issue.h"

namespace gatepost::backend {

// The name of the CA that clients are told to trust.
inline constexpr std::string_view authority_name = "gatepost-backend-ca";

Result<x509::Issued> make_authority(const std::string& name);

// A serving certificate for localhost, 127.0.0.1 and `names`, wrong as `which` says. `authority` is the CA that clients
// are told to trust.
Result<x509::Issued> make_certificate(Certificate which, const std::vector<std::string>& names,
                                      const x509::Issued& authority);

}  // namespace gatepost::backend
