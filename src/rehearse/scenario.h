// Scenarios: what happens to which backends. Every rehearsal holds the outage of all replicas at once and the restart
// of the whole cluster.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rehearse/world.h"

namespace gatepost::rehearse {

enum class Event {
  none,
  lose_replicas,     // all replicas of the backend are gone at once
  restart_cluster,   // every node is replaced: every pod of the cluster is made anew
  drain_nodes,       // the nodes that carry the backend are drained one after the other
  lose_node,         // the node that carries most of the backend is gone for good
  roll_out,          // the backend's own workload is rolled out anew
  delete_namespace,  // the backend's namespace is deleted, and installed again later
  scale_from_zero,   // the backend is scaled to zero, and up again later
};

struct Scenario {
  std::string name;
  simulate::Fault fault = simulate::Fault::none;  // until the backend returns
  Event event = Event::none;
  std::vector<std::size_t> backends;  // in World::backends
  std::string together_with;          // a pair: why ("same node", "same namespace")
};

inline constexpr std::string_view outage_name = "outage-of-all-replicas", restart_name = "whole-cluster-restart";

enum class Extent {
  usual,  // each fault and each event by itself, and pairs
  all,    // and every fault together with every event
};

// In a fixed order: those of the whole cluster first, then by backend.
std::vector<Scenario> scenarios_of(const World& world, Extent extent);

// One sentence about what happens in it.
std::string_view describe(const Scenario& scenario);

}  // namespace gatepost::rehearse
