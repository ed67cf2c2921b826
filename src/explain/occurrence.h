// One error as it stands in a text.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "report/finding.h"

namespace gatepost::explain {

enum class Policy { unknown, failing_open, failing_closed };

struct Occurrence {
  report::Outcome outcome = report::Outcome::failed;
  std::string cause;
  std::string webhook;
  std::string target;
  std::string service;
  std::optional<int> port;
  std::optional<int> timeout_seconds;
  std::string tail;
  std::string subject;  // what a conversion was for: "<group>/<version>, Kind=<kind>"
  Policy policy = Policy::unknown;
  int shape = -1;                  // equal for tails that differ only in names, numbers and addresses
  int literals = 0;                // how much of the tail is known: the more specific of two has more
  bool known = false;              // the tail's clause is in the table
  bool by_backend = false;         // seen in the backend's own log
  std::size_t begin = 0, end = 0;  // where in the text
};

}  // namespace gatepost::explain
