// Which match conditions can fail to be evaluated: an error there is no skip, it takes the failurePolicy's way.
#pragma once

#include <string>
#include <vector>

namespace gatepost::lint {

// What of the requests a webhook asks for.
struct RequestKinds {
  bool may_lack_object = false;      // DELETE
  bool may_lack_old_object = false;  // CREATE
};

// For each expression the first access that may find nothing ("object.spec.replicas"), empty if all are guarded.
// A guard counts wherever it stands: a condition that is false skips the webhook whatever the others do.
std::vector<std::string> risky_accesses(const std::vector<std::string>& expressions, const RequestKinds& kinds);

}  // namespace gatepost::lint
