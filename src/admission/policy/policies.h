// In-process admission by admission policies. The server asks them before the webhooks of the same phase. Nothing waits
// here.
#pragma once

#include "admission/admission.h"
#include "admission/metrics.h"
#include "admission/policy/policy_source.h"
#include "admission/policy/stored_objects.h"

namespace gatepost::admission {

// What policies of both types look things up in; owned by Admission.
struct PolicyParts {
  const kube::Registry& registry;
  ResourceMatcher& matcher;
  StoredObjects& objects;
  const Authorize& authorize;
  Metrics& metrics;
};

// The variable `namespaceObject`: null for what has no namespace, and for Namespaces themselves.
kube::ApiResult<StoredObjects::Handle> namespace_of(const PolicyParts& parts, const Attributes& attributes);

// The error is the answer to the client.
kube::ApiResult<void> validate_by_policies(const PolicyParts& parts, const PolicySource::Candidates& candidates,
                                           const Attributes& attributes, Trail& trail);

}  // namespace gatepost::admission
