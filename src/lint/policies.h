// What NetworkPolicies of the input make of a workload's traffic.
#pragma once

#include <string>
#include <vector>

#include "lint/model.h"

namespace gatepost::lint {

struct IngressVerdict {
  std::vector<const Manifest*> policies;  // that isolate the pods; empty: everybody may come in
  bool admits_everybody = false;          // to that port
  std::vector<std::string> blocks;        // address ranges that are let in
  bool admits_proxy_agent = false;        // pods of konnectivity in kube-system
};

// `port` 0: any.
IngressVerdict judge_ingress(const Model& model, const Workload& workload, std::int64_t port);

// Whether a policy limits where the pods may send to.
bool limits_egress(const Model& model, const Workload& workload);

}  // namespace gatepost::lint
