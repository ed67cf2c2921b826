// The simulated cluster on the embedded server: the same controllers on real time, writing through the server's own
// path as the accounts of a real cluster's components. Webhooks whose Service leads to simulated pods are answered by a
// stand-in that allows everything; whether it is reached is decided by the pods' readiness.
#pragma once

#include "apiserver/server.h"

namespace gatepost::simulate {

struct LiveOptions {
  std::size_t nodes = 3;  // made at the start where there are none
  std::uint64_t seed = 1;
};

// Makes the server one with a simulated cluster behind it.
void simulate_cluster(apiserver::ServerOptions& server, LiveOptions options = {});

}  // namespace gatepost::simulate
