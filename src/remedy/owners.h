// Who manages an object, and where a change to it has to be made so that it lasts.
#pragma once

#include <string>
#include <vector>

#include "json/value.h"
#include "remedy/plan.h"

namespace gatepost::remedy {

struct Owner {
  std::string system;  // "Helm", "Argo CD", "Flux", "OLM", "cert-manager's ca-injector", "an operator (<kind>/<name>)"
  std::string what;    // "release gatekeeper in gatekeeper-system"
};

// From labels, annotations, ownerReferences and the managers of fields. Empty: nobody that is known.
std::vector<Owner> owners_of(const json::Value& object);

// One line an owner of each object that the steps change: who it is, and where the change must be made to last.
std::vector<std::string> lasting_lines(const std::vector<Step>& steps);

}  // namespace gatepost::remedy
