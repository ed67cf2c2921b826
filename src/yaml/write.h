// JSON values -> YAML in block style, readable by every YAML reader: kubeconfigs, plans, examples. Keys keep their
// order.
#pragma once

#include <string>

#include "json/value.h"

namespace gatepost::yaml {

std::string write(const json::Value& value);

}  // namespace gatepost::yaml
