// cert-manager's ca-injector as the writer of a caBundle: repairs its annotation where that is the real fault, because
// a hand-set bundle would be overwritten.
#pragma once

#include <optional>

#include "remedy/scene.h"

namespace gatepost::remedy {

// nullopt: injection is not the fault, and the bundle may be written by hand.
std::optional<Proposal> repair_injection(Scene& scene, const Ill& ill);

}  // namespace gatepost::remedy
