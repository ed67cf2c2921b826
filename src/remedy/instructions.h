// What nobody can repair through the API, as instructions for the platform at hand (data/instructions.txt).
#pragma once

#include <string>
#include <vector>

#include "remedy/scene.h"

namespace gatepost::remedy {

// `why` says why there is no repair.
Instruction instruct(const Scene& scene, const Ill& ill, std::string why);

// What is wrong with the file, for a test.
std::vector<std::string> instruction_errors();

}  // namespace gatepost::remedy
