// Objects given on the command line (`serve --apply`): created through the same path as a client's, as the
// administrator.
#pragma once

#include <string>

#include "apiserver/call.h"

namespace gatepost::apiserver {

// Creates every object of a YAML or JSON file (several documents, Lists); one that is there already is left as it is.
// The error names the file, the document and the API's refusal.
net::Task<Result<void>> apply_manifest(const Deps& deps, std::string path);

}  // namespace gatepost::apiserver
