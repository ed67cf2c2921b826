// A certificate for a webhook's Service from an authority made for it alone: the authority's key is thrown away once it
// has signed, so nobody can sign with it later.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace gatepost::remedy {

struct ServingCertificate {
  std::string ca_pem, certificate_pem, key_pem;
};

struct IssueRequest {
  std::vector<std::string> names;  // DNS names and IP addresses; the first is the common name
  std::chrono::hours lifetime{24 * 365};
  WallTime now;
};

Result<ServingCertificate> issue_serving(const IssueRequest& request);

}  // namespace gatepost::remedy
