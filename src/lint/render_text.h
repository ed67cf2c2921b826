// Findings as a good compiler prints them: what is wrong, where, the line with the field underlined, why it matters and
// how to fix it.
#pragma once

#include <string>

#include "lint/lint.h"
#include "report/terminal.h"

namespace gatepost::lint {

enum class Detail { lines, full };  // lines: one line a finding, "file:line:column: severity: rule ..."

std::string render_text(const LintResult& result, Detail detail, const report::Style& style);

}  // namespace gatepost::lint
