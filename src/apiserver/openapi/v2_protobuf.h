// The OpenAPI v2 document in the protobuf form that kubectl asks for (openapi.v2.Document of google/gnostic).
#pragma once

#include <string>

#include "json/value.h"

namespace gatepost::apiserver {

// `document`: {"definitions": ..., "paths": ..., "info": ...} as in data/kubernetes-1.36/openapi-v2-facts.json.
std::string openapi_v2_protobuf(const json::Value& document);

}  // namespace gatepost::apiserver
