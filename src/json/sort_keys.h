// Objects with their keys in order, as Go prints maps.
#pragma once

#include "json/value.h"

namespace gatepost::json {

void sort_keys(Object& object);

// Of the value and of all objects in it.
void sort_all_keys(Value& value);

}  // namespace gatepost::json
