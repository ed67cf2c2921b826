// The objects of a live cluster that rules look at, and what its API server measured.
#pragma once

#include <string>
#include <vector>

#include "client/rest.h"
#include "lint/model.h"

namespace gatepost::lint {

struct ClusterObjects {
  Manifests manifests;
  Observed observed;
  std::vector<std::string> unseen;  // what could not be read, one line each
};

// Fails where the webhook configurations cannot be read. Of Secrets only server certificates in the namespaces of
// backends are asked for, and their keys are dropped at once.
net::Task<Result<ClusterObjects>> read_cluster(client::Rest* rest);

// The 99th percentile of each webhook's calls from the API server's metrics.
Observed read_metrics(std::string_view text);

}  // namespace gatepost::lint
