// One report of several clusters: each finding and each line carries its context.
#pragma once

#include <string>

#include "report/finding.h"

namespace gatepost::diagnose {

// Adds the report of one context. The numbers of the summaries add up.
void add_context(const std::string& context, report::Report of, report::Report& into);

// A context whose cluster could not be looked at, and why.
void add_unreached(const std::string& context, const std::string& why, report::Report& into);

}  // namespace gatepost::diagnose
