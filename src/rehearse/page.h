// The rehearsal as one HTML page that stands alone: the matrix, the graph of which backend needs which webhook with its
// cycles marked, the wedges with their changes, and what was assumed.
#pragma once

#include <string>

#include "rehearse/rehearse.h"

namespace gatepost::rehearse {

std::string render_page(const Rehearsal& rehearsal);

}  // namespace gatepost::rehearse
