// Addresses of a Service: what stands between admission and the strategy. The cluster has one family, IPv4.
#pragma once

#include <vector>

#include "json/value.h"
#include "kube/status.h"
#include "kube/validation/field.h"

namespace gatepost::kube {

// clusterIP, clusterIPs, ipFamilies and ipFamilyPolicy as such, and how they fit each other.
void validate_cluster_addresses(Errors& errors, const Field& spec);

// Keeps what was given out before and settles spec.ipFamilies and spec.ipFamilyPolicy, or says why the cluster cannot
// do what is asked. It comes before addresses are given out; `old_service` is null on a create.
std::vector<FieldError> settle_service(json::Value& service, const json::Value* old_service);

}  // namespace gatepost::kube
