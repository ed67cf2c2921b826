// A rule as the formats of other tools describe it beside their findings.
#pragma once

#include <string>

#include "report/finding.h"

namespace gatepost::report {

struct ToolRule {
  std::string id, name, why, fix;
  Severity severity = Severity::warning;  // the usual one
};

// The same finding has the same fingerprint when lines have moved: of rule, file, object, webhook and path.
std::string fingerprint(const Finding& finding);

}  // namespace gatepost::report
