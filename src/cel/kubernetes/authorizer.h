// Values of the authorizer library, as variables need them.
#pragma once

#include "cel/evaluation.h"

namespace gatepost::cel {

// The variable `authorizer`, and `authorizer.requestResource`: a check of the resource that the request is about.
Value authorizer_value(Arena& arena);
Value request_resource_value(Arena& arena, const AuthorizationQuestion& resource);

const Type* authorizer_type();
const Type* resource_check_type();

}  // namespace gatepost::cel
