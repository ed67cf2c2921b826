// Decoded JSON as Go prints it with %v, for error texts that quote it: map[a:1 b:[x y]].
#pragma once

#include <string>

#include "json/value.h"

namespace gatepost::kube {

std::string go_print(const json::Value& value);
std::string go_type_name(const json::Value& value);     // "string", "map[string]interface {}", "float64"
std::string go_type_printed(const json::Value& value);  // the same by %T: "<nil>" for null
std::string json_type_name(const json::Value& value);   // "string", "object", "array", "number", "bool"

}  // namespace gatepost::kube
