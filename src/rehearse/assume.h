// What the input lacks and a cluster has: namespaces, nodes, the Services and workloads of webhooks. Each thing that is
// made up is told in a line.
#pragma once

#include <string>
#include <vector>

#include "rehearse/input.h"

namespace gatepost::rehearse {

struct Assumed {
  std::vector<std::string> lines;
  std::vector<std::string> backends;  // "namespace/service" of those whose workload was made up
};

Assumed fill_gaps(Input& input, const kube::Registry& registry);

}  // namespace gatepost::rehearse
