// The protobuf messages that the language sees as values of its own: wrappers, JSON, times.
#pragma once

#include "cel/evaluation.h"

namespace gatepost::cel {

// What `name{fields...}` is, for the names that add_well_known_messages declares.
Value well_known_value(Evaluation& evaluation, std::string_view name, const Value& fields);

}  // namespace gatepost::cel
