// The smallest change of configuration that removes a wedge, found by trying: each candidate is put into the world, the
// scenario is played again, and the first after which nothing is wedged is the answer.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rehearse/play.h"

namespace gatepost::rehearse {

struct Edit {
  std::string configuration;  // "ValidatingWebhookConfiguration/<name>"
  std::string webhook;
  std::string summary;  // "exclude namespace shop from webhook x"
  std::string patch;    // JSON Patch
  std::string command;  // kubectl patch ...
  std::string diff;     // the patch as lines of YAML, with + and -
};

struct Change {
  std::vector<Edit> edits;
  std::size_t tried = 0;
};

// None when no candidate helps.
net::Task<std::optional<Change>> smallest_change(World* world, Scenario scenario, Played wedged);

}  // namespace gatepost::rehearse
