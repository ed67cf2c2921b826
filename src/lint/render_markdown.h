// Findings as a Markdown table, for a pull request.
#pragma once

#include <string>

#include "lint/lint.h"

namespace gatepost::lint {

std::string render_markdown(const LintResult& result);

}  // namespace gatepost::lint
