// Requests that tell what a failing webhook means: the pods that controllers make in each namespace, and one object of
// each resource that a webhook's rules name. Which webhook meets which is found by asking the real admission path.
#pragma once

#include "rehearse/world.h"

namespace gatepost::rehearse {

// Fills world.canaries and the webhooks' lists of them.
net::Task<void> find_canaries(World* world);

simulate::Write write_of(const Canary& canary);

}  // namespace gatepost::rehearse
