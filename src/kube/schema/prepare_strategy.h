// The rows of data/defaults.strategies, read once: generation, first status and the reach of status updates of a kind.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "json/value.h"

namespace gatepost::kube {

struct Strategy {
  enum class Status { none, made, kept };

  std::string group;
  bool first_generation = false;                  // a new object has generation 1
  std::vector<std::vector<std::string>> watched;  // paths whose change counts the generation up
  Status status = Status::none;
  json::Value first_status;                // Status::made
  bool keeps_all_metadata = false;         // by an update of /status
  std::vector<std::string> kept_metadata;  // likewise, single fields
  bool creates_on_update = false;          // a PUT of what is not there makes it
  bool conditional_update = false;         // an update must name the resourceVersion
};

// By kind. Fails with the line that cannot be read.
Result<std::unordered_multimap<std::string, Strategy>> parse_strategies(std::string_view text);

// Of the program's own table; null for kinds without a row.
const Strategy* strategy_of(std::string_view group, const std::string& kind);

}  // namespace gatepost::kube
