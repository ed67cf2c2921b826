// Findings as JUnit XML, which CI servers show beside test results: a suite a file, a case a finding. A finding of
// severity info is a case that passed with its text as output.
#pragma once

#include <string>

#include "report/finding.h"

namespace gatepost::report {

std::string render_junit(const Report& report);

}  // namespace gatepost::report
