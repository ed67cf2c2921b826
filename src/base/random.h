// Random identities. Not for keys: those come from OpenSSL.
#pragma once

#include <string>

namespace gatepost {

// A version 4 UUID in lower case.
std::string random_uuid();

// The suffix that generateName gets: five of Kubernetes' safe letters (no vowels, no 0, 1, 3).
std::string random_name_suffix();

}  // namespace gatepost
