// What status.conditions of a namespace that is being deleted say about the deletion of its contents, in the words of
// kube-controller-manager's namespace controller.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/time.h"
#include "json/value.h"

namespace gatepost::apiserver {

struct Remains {
  std::map<std::string, std::size_t> objects;     // by resource: "pods." (the core group is empty), "deployments.apps"
  std::map<std::string, std::size_t> finalizers;  // by finalizer: how many objects it holds
  std::vector<std::string> errors;                // one for a resource whose deletion failed
};

// Brings the five conditions up to date; true when one of them changed.
bool update_conditions(json::Value& ns, const Remains& remains, WallTime now);

}  // namespace gatepost::apiserver
