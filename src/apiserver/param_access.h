// Who writes an admission policy or binding must be able to read the parameters that it names: expressions show them.
#pragma once

#include <vector>

#include "apiserver/call.h"
#include "json/value.h"
#include "kube/status.h"

namespace gatepost::apiserver {

// Empty for other kinds, and where nothing changed. `old_object`: null for a new object.
std::vector<kube::FieldError> check_param_access(const Call& call, const json::Value& object,
                                                 const json::Value* old_object);

}  // namespace gatepost::apiserver
