// The refusals of server-side apply, in the words of apimachinery.
#pragma once

#include "kube/apply/ownership.h"
#include "kube/status.h"

namespace gatepost::kube::apply {

// "/v1, Kind=ConfigMap"
std::string printed(const GroupVersionKind& kind);
// "default/web; apps/v1, Kind=Deployment"
std::string printed_object(const json::Value& object);

// An error that apimachinery gives no Status: 500, without a reason.
Status failed(std::string message);

// 409 with one cause a conflict: `Apply failed with 1 conflict: conflict with "x" using v1: .spec.replicas`.
Status apply_conflict(std::vector<Conflict> conflicts);

}  // namespace gatepost::kube::apply
