// Work that blocks (getaddrinfo) on a thread of its own, so that the loop goes on. At most eight such threads live at a
// time; more work waits. A thread still blocked when the loop ends is left behind and its result dropped.
#pragma once

#include <functional>

#include "net/task.h"

namespace gatepost::net {

// `work` must own what it touches: it may outlive the waiting task.
Task<void> run_blocking(std::function<void()> work);

}  // namespace gatepost::net
