// JSON values -> YAML in block style, as go-yaml v2 and so kube-apiserver write it. Keys keep their order.
#pragma once

#include <string>

#include "json/value.h"

namespace gatepost::yaml {

std::string write(const json::Value& value);

}  // namespace gatepost::yaml
