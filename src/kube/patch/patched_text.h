// What an error says of a patched document that does not decode: the text that evanphx/json-patch made of it. Objects
// that the patch went through have their keys sorted there; all others stay as they were printed.
#pragma once

#include <string>

#include "json/value.h"
#include "kube/patch/patch.h"

namespace gatepost::kube {

// `document`: patched, before it was decoded. `type` is json or merge.
std::string patched_text(const json::Value& document, PatchType type, const json::Value& patch);

}  // namespace gatepost::kube
