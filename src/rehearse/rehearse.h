// A rehearsal as a whole: the input becomes a world, every scenario is played in it, and what became of each webhook is
// told: a verdict each, for a wedge the chain of what waits for what and the smallest change that was found to remove
// it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "rehearse/change.h"
#include "rehearse/play.h"
#include "report/finding.h"

namespace gatepost::rehearse {

struct RehearseOptions {
  std::uint64_t seed = 1;
  Extent extent = Extent::usual;
  std::vector<std::string> scenarios;  // only those of these names; empty: all
  bool changes = true;                 // look for the smallest change that removes a wedge
  std::function<void(std::size_t done, std::size_t of)> progress;
};

// What was played, for the renderers.
struct Act {
  Scenario scenario;
  Played played;
  std::optional<Change> change;
};

struct Rehearsal {
  World world;
  std::vector<Act> acts;
};

net::Task<Result<Rehearsal>> rehearse(Input input, RehearseOptions options);

report::Report report_of(const Rehearsal& rehearsal);

}  // namespace gatepost::rehearse
