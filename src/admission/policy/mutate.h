// One mutation of a policy: its expression evaluated and its patch applied
// (apiserver/pkg/admission/plugin/policy/ mutating/patch).
#pragma once

#include <string>

#include "admission/expressions/inputs.h"
#include "admission/policy/policy.h"
#include "kube/status.h"

namespace gatepost::admission {

struct MutationError {
  std::string why;     // a refusal by the policy, subject to its failurePolicy
  bool final = false;  // the request ends with `status`, whatever the failurePolicy says
  kube::Status status;

  const std::string& told() const { return final ? status.message : why; }
};

// The object as the mutation makes it, decoded and defaulted; `inputs.object`
// stays as it is and is of `kind`.
Result<json::Value, MutationError> mutate(const Policy& policy, const Mutation& mutation, const Inputs& inputs,
                                          const Kind& kind);

}  // namespace gatepost::admission
