// The controllers of the simulated cluster, one a file, after those of kube-controller-manager, kube-scheduler and the
// kubelet. `api` outlives each.
#pragma once

#include <memory>
#include <vector>

#include "simulate/controller.h"

namespace gatepost::simulate {

std::unique_ptr<Controller> make_deployment_controller(Api& api);
std::unique_ptr<Controller> make_replica_set_controller(Api& api);
std::unique_ptr<Controller> make_stateful_set_controller(Api& api);
std::unique_ptr<Controller> make_daemon_set_controller(Api& api);
std::unique_ptr<Controller> make_job_controller(Api& api);
std::unique_ptr<Controller> make_endpoint_slice_controller(Api& api);
std::unique_ptr<Controller> make_endpoints_controller(Api& api);  // the older Endpoints objects
std::unique_ptr<Controller> make_disruption_controller(Api& api);
std::unique_ptr<Controller> make_scheduler(Api& api);
std::unique_ptr<Controller> make_node_controller(Api& api);
std::unique_ptr<Controller> make_kubelet(Api& api);

// All of them.
std::vector<std::unique_ptr<Controller>> make_controllers(Api& api);

}  // namespace gatepost::simulate
