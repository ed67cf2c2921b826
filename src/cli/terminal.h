// What the commands know of the terminal they print to.
#pragma once

#include <string>

#include "report/terminal.h"

namespace gatepost::cli {

// `color` is auto, always or never. auto: only on a terminal, and not where NO_COLOR is set. The width is the
// terminal's or COLUMNS', at least 40 and at most 120 so that prose stays readable; 80 where nothing tells.
report::Style style_of(const std::string& color);

// True where progress may be drawn on the error stream.
bool may_show_progress();

}  // namespace gatepost::cli
