// Tasks beside each other: lists, probes and look-ups that wait for the network at the same time.
#pragma once

#include <vector>

#include "net/task.h"

namespace gatepost::diagnose {

// Runs the tasks, at most `most` at a time, in their order of starting; returns when all have ended.
net::Task<void> together(std::vector<net::Task<void>> tasks, std::size_t most);

}  // namespace gatepost::diagnose
