// Findings as SARIF 2.1.0 (OASIS), which code scanning services read.
#pragma once

#include <span>
#include <string>

#include "report/finding.h"
#include "report/tool_rule.h"

namespace gatepost::report {

// `rules` describe the ids that findings carry; `version` is the program's.
std::string render_sarif(const Report& report, std::span<const ToolRule> rules, std::string_view version);

}  // namespace gatepost::report
