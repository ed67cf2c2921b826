// `gatepost certs issue --secret`: an own CA and serving certificate for a backend without any automation, as a plan:
// the Secret (made or renewed), caBundle of every webhook that calls the Service, the backend's restart.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/time.h"
#include "client/rest.h"
#include "remedy/plan.h"

namespace gatepost::remedy {

struct IssueIntoCluster {
  std::string ns, service, secret;
  std::vector<std::string> names;  // beside the Service's
  std::chrono::hours lifetime{24 * 365};
  WallTime now;
};

std::vector<std::string> names_for(const IssueIntoCluster& wanted);

net::Task<Result<Plan>> issue_plan(client::Rest* rest, IssueIntoCluster wanted);

}  // namespace gatepost::remedy
