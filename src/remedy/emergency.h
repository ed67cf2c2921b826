// The plan of `gatepost break-glass`: from the configuration alone, without a diagnosis, since nothing else may work.
#pragma once

#include <string>

#include "base/time.h"
#include "client/rest.h"
#include "remedy/plan.h"

namespace gatepost::remedy {

enum class Opening {
  fail_open,
  remove
};  // failurePolicy Ignore, or the whole configuration deleted for the time being

struct EmergencyError {
  enum class Kind { use, cluster } kind = Kind::cluster;
  std::string text;
};

// `name` is a configuration or a webhook; all configurations of that name are opened.
net::Task<Result<Plan, EmergencyError>> emergency_plan(client::Rest* rest, std::string name, Opening opening,
                                                       WallTime now);

}  // namespace gatepost::remedy
