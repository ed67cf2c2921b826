// The document of `-o json` as YAML.
#pragma once

#include <string>

#include "report/finding.h"

namespace gatepost::report {

std::string render_yaml(const Report& report);

}  // namespace gatepost::report
