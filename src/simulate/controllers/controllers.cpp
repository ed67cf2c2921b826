#include "simulate/controllers/controllers.h"

namespace gatepost::simulate {

std::vector<std::unique_ptr<Controller>> make_controllers(Api& api) {
  std::vector<std::unique_ptr<Controller>> all;
  all.push_back(make_deployment_controller(api));
  all.push_back(make_replica_set_controller(api));
  all.push_back(make_stateful_set_controller(api));
  all.push_back(make_daemon_set_controller(api));
  all.push_back(make_job_controller(api));
  all.push_back(make_scheduler(api));
  all.push_back(make_kubelet(api));
  all.push_back(make_node_controller(api));
  all.push_back(make_endpoint_slice_controller(api));
  all.push_back(make_endpoints_controller(api));
  all.push_back(make_disruption_controller(api));
  return all;
}

}  // namespace gatepost::simulate
