// `gatepost diagnose`, first form: the root cause of each webhook from the server's own objects (configuration,
// Service, EndpointSlices) and from a dry run, in which the API server itself makes the call. Reads only; the dry run
// stores nothing and is made only where the webhook says that it has no side effects then.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "client/rest.h"
#include "report/finding.h"

namespace gatepost::diagnose {

struct DiagnoseOptions {
  std::vector<std::string> names;  // configurations or webhooks; none: all
};

// Fails when the cluster cannot be reached or refuses to list webhook configurations.
net::Task<Result<report::Report>> diagnose(client::Rest& rest, DiagnoseOptions options);

}  // namespace gatepost::diagnose
