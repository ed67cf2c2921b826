// The way of a webhook call, hop by hop, and where it breaks: API server -> Service -> endpoints -> pod -> TLS ->
// answer. From a finding's cause alone, so that every report of a failed call can show it.
#pragma once

#include <string>
#include <vector>

#include "report/finding.h"

namespace gatepost::report {

struct Hop {
  enum class State { passed, broken, not_reached } state = State::not_reached;
  std::string name, note;  // "Service", "sys/hook:443"
};

// Empty where the cause is not about a call (a denial, another subsystem). A webhook with a URL has no Service and no
// endpoints.
std::vector<Hop> call_path(const Finding& finding);

// "API server > Service > endpoints > [pod]": the broken hop in brackets.
std::string call_path_text(const Finding& finding);

}  // namespace gatepost::report
