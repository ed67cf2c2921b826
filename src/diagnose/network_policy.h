// NetworkPolicies that select a webhook's pods: whether they let the control plane through.
#pragma once

#include "diagnose/backend.h"

namespace gatepost::diagnose {

// Facts policy-blocks (the pods are isolated, and no rule can mean the control plane) and policy-restricts (a rule by
// address may or may not mean it). The API server is not a pod: rules by pod or namespace labels never mean it, unless
// it runs as one.
void check_policies(const Subject& subject, const Cluster& cluster, const Backend& backend, Case& out);

}  // namespace gatepost::diagnose
