// Before anything is touched: may the user do all of the plan, and would the server take every write? Both ask the
// server; neither changes anything.
#pragma once

#include <string>
#include <vector>

#include "remedy/api.h"
#include "remedy/plan.h"

namespace gatepost::remedy {

struct Preflight {
  std::vector<std::string> forbidden;  // "update validatingwebhookconfigurations/policy"
  std::vector<std::string> refused;    // what the dry run of a step said
  std::vector<std::string> changed;    // objects that are no longer as planned
  std::vector<std::string> notes;      // what could not be proved before
  std::string unreachable;
  bool good() const { return forbidden.empty() && refused.empty() && changed.empty() && unreachable.empty(); }
};

// How exactly objects must be as planned: untouched by anybody (a plan that was kept in a file), or only in the fields
// that change.
enum class Match { exact, fields };

// Dry runs give the objects as the server would store them, defaults and all: they become the plan's `after`.
net::Task<Preflight> preflight(Api* api, Plan* plan, Match match);

}  // namespace gatepost::remedy
