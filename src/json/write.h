// JSON values -> bytes in the form of Go's encoding/json: compact, <, >, & and U+2028/2029 escaped as Kubernetes prints
// them, numbers as Go prints them (1.0 as 1, 1e21 as 1e+21), keys in the order of the object.
#pragma once

#include <string>

#include "json/value.h"

namespace gatepost::json {

void write(const Value& value, std::string& out);
std::string write(const Value& value);

// Appends `text` as a quoted JSON string with Go's escapes.
void write_string(std::string_view text, std::string& out);

}  // namespace gatepost::json
