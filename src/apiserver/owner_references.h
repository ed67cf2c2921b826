// An object names an owner once: what a client or a webhook says twice is dropped, with a warning.
#pragma once

#include "apiserver/call.h"
#include "json/value.h"

namespace gatepost::apiserver {

enum class Admitted { not_yet, by_mutation };

// Drops references that equal an earlier one.
void drop_double_owners(Call& call, json::Value& object, Admitted when);

}  // namespace gatepost::apiserver
