// Who waits for what: from the refusals that stand at the end of a scenario to the backends that cannot come back
// without each other.
#pragma once

#include "rehearse/play.h"

namespace gatepost::rehearse {

// The refusals that keep these backends (in World::backends) from coming back.
std::vector<Wait> waits_of(const World& world, const std::vector<std::size_t>& down);

// Of the ids in `down`, those that wait, through others or directly, for themselves, or for a webhook that fails
// although its backend is there.
std::vector<std::string> wedged_of(const std::vector<Wait>& waits, const std::vector<std::string>& down);

}  // namespace gatepost::rehearse
