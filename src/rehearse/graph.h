// Which backend needs which other one to come back: an edge for every webhook (failurePolicy Fail) that meets the pods
// of a backend, known from the canaries and from what was refused in the scenarios; with the edges that lie on cycles.
#pragma once

#include <string>
#include <vector>

#include "rehearse/rehearse.h"

namespace gatepost::rehearse {

struct Edge {
  std::size_t from = 0, to = 0;  // in World::backends: `from` needs `to`
  std::string webhook;
  bool on_cycle = false;
};

std::vector<Edge> dependencies(const Rehearsal& rehearsal);

// The graph as SVG: backends on a circle, cycles in red.
std::string draw(const Rehearsal& rehearsal, const std::vector<Edge>& edges);

}  // namespace gatepost::rehearse
