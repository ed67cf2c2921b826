// Waiting for what controllers do: endpoints, rollouts, a Secret, an injected bundle. Polls, since a watch would need
// more rights and one more way to fail while a cluster is ill.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "remedy/api.h"
#include "remedy/plan.h"

namespace gatepost::remedy {

// One look.
net::Task<bool> holds_now(Api* api, Step step);

// Until it holds (true) or the time is over (false). `meanwhile` is called about every 20 s.
net::Task<bool> wait_until(Api* api, Step step, std::chrono::milliseconds patience,
                           std::function<net::Task<void>()> meanwhile);

// Whether a workload's status says that all its pods are new and ready.
bool rolled_out(const json::Value& workload, std::string_view kind);

}  // namespace gatepost::remedy
