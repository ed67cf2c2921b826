// What a person reads: one error on one screen, or the summary of a log.
#pragma once

#include <string>

#include "explain/summary.h"
#include "report/terminal.h"

namespace gatepost::explain {

// The screen for report.findings[0]; the other findings are named in a line each.
std::string error_screen(const report::Report& report, const report::Style& style);

// A table by webhook and cause, with a sparkline, for a log.
std::string log_screen(const report::Report& report, const Ticks& ticks, const report::Style& style);

// One error as one line, for a live stream.
std::string error_line(const Occurrence& error, std::optional<std::int64_t> time);

// One finding as one line, where a screen is too much.
std::string finding_line(const report::Finding& finding);

}  // namespace gatepost::explain
