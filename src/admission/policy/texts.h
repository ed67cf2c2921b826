// What a client reads when a policy refuses its request, and what a policy leaves in the audit log.
#pragma once

#include <string>

#include "admission/attributes.h"
#include "kube/status.h"

namespace gatepost::admission {

struct PolicyDenial {
  std::string policy, binding;  // binding: empty where the policy itself cannot be used
  std::string reason;           // "Invalid", "Forbidden", ...; empty: Invalid, or Forbidden of a mutating policy
  std::string message;
};

kube::Status denied_by_validating_policy(const Attributes& attributes, const PolicyDenial& denial);

// The first decides message and reason; all are causes. There must be one.
kube::Status denied_by_mutating_policies(const Attributes& attributes, const std::vector<PolicyDenial>& denials);

// Adds an audit annotation; one that is there already stays.
void annotate(Trail& trail, std::string key, std::string value);

}  // namespace gatepost::admission
