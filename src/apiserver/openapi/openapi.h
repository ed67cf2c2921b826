// OpenAPI: /openapi/v2 (JSON, and the protobuf form that older kubectl asks for) and /openapi/v3 with a document a
// group version. Made from data/kubernetes-1.36 when first asked for.
#pragma once

#include <optional>

#include "apiserver/call.h"

namespace gatepost::apiserver {

// nullopt when the path is not about OpenAPI.
std::optional<Answer> openapi_answer(const Call& call);

}  // namespace gatepost::apiserver
