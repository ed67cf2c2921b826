// The caBundle of every webhook that calls one backend.
#pragma once

#include <string>
#include <vector>

#include "remedy/scene.h"

namespace gatepost::remedy {

// A step a configuration: the CA goes beside those that are there and still valid.
void add_bundles(Scene& scene, const diagnose::Subject& backend, const std::string& ca_pem, std::vector<Step>& steps);

}  // namespace gatepost::remedy
