// Findings as workflow commands of GitHub Actions, which shows them beside the lines of a pull request.
#pragma once

#include <string>

#include "report/finding.h"

namespace gatepost::report {

std::string render_github(const Report& report);

}  // namespace gatepost::report
