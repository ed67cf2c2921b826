// Steps that restart a workload and wait for it, shared by several remedies.
#pragma once

#include <string>
#include <vector>

#include "remedy/scene.h"

namespace gatepost::remedy {

Step restart_step(Scene& scene, std::string id, const diagnose::Workload& workload);
Step rollout_wait(std::string id, const diagnose::Workload& workload);

// Restarts all workloads of the backend, then waits for them. False where there is none that can be restarted.
bool add_restart(Scene& scene, const Ill& ill, const std::string& prefix, std::vector<Step>& steps);

}  // namespace gatepost::remedy
