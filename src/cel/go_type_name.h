// The names that Go gives the types behind values: some of the original's error texts show them.
#pragma once

#include <string>

#include "cel/value.h"

namespace gatepost::cel {

std::string go_type_name(const Value& value);

}  // namespace gatepost::cel
