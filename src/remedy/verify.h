// Whether the webhook works: a dry run of a request that it is called for, and diagnose's other ways where no such
// request may be made.
#pragma once

#include <string>

#include "base/time.h"
#include "remedy/api.h"
#include "remedy/plan.h"

namespace gatepost::remedy {

struct Health {
  // From bad to good. Stages of failure are in the order in which a call meets them, so that a later one is progress.
  enum class State { unknown, failing, passing, answering } state = State::unknown;
  int stage = 0;       // of a failure: how far the call came
  std::string cause;   // of a failure
  std::string detail;  // one line
};

// How far a call comes that fails with this cause: 1 finding the Service ... 6 reading the answer.
int stage_of(std::string_view cause);

// `webhook` of `configuration` ("<kind>/<name>").
net::Task<Health> check_health(Api* api, Repair repair, WallTime now);

// Whether `after` is what the repair must reach; better than before, although not there yet.
bool reached(const Repair& repair, const Health& after);
bool better(const Health& before, const Health& after);

}  // namespace gatepost::remedy
