// Findings as one HTML page that stands alone: no script, no outside file, everything from outside escaped, charts as
// SVG.
#pragma once

#include <string>

#include "report/finding.h"

namespace gatepost::report {

std::string render_html(const Report& report, std::string_view title);

// A bar chart of the counts; times at both ends.
std::string svg_chart(const Timeline& timeline, int width, int height);

std::string escape_html(std::string_view text);

}  // namespace gatepost::report
