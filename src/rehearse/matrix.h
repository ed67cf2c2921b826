// The rehearsal at a terminal: a matrix of webhooks and scenarios, then the wedges with their chains and the changes
// that free them, then what was assumed.
#pragma once

#include <string>

#include "rehearse/rehearse.h"
#include "report/terminal.h"

namespace gatepost::rehearse {

std::string render_matrix(const Rehearsal& rehearsal, const report::Style& style);

}  // namespace gatepost::rehearse
