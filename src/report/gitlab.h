// Findings as GitLab's Code Quality report.
#pragma once

#include <string>

#include "report/finding.h"

namespace gatepost::report {

std::string render_gitlab(const Report& report);

}  // namespace gatepost::report
