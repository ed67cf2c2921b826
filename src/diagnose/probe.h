// Tries webhooks out from the best vantage point that is allowed: a dry run, in which the API server itself makes the
// call; a direct call where this machine stands beside the backend; the API server's service proxy; a port-forward to a
// pod for the certificate it serves. All of them beside each other.
#pragma once

#include <vector>

#include "client/rest.h"
#include "diagnose/patient.h"

namespace gatepost::diagnose {

// Direct calls of a Service's endpoints mean something only where this machine stands where the API server stands.
bool stands_beside(const client::Rest& rest);

// Settles the state of those patients that are still unknown, as far as can be.
net::Task<void> probe_all(client::Rest* rest, const Cluster* cluster, std::shared_ptr<Trust> trust,
                          std::vector<Patient>* patients);

// More evidence about one that is known to be unhealthy: the phase in which calls end, the certificates of its pods,
// the control plane's way.
net::Task<void> probe_unhealthy(client::Rest* rest, const Cluster* cluster, std::shared_ptr<Trust> trust,
                                Patient* patient);

}  // namespace gatepost::diagnose
