// The webhooks that one request meets, one after another (mutating) and at once (validating), and the time they may
// take together.
#pragma once

#include <string>
#include <vector>

#include "lint/model.h"

namespace gatepost::lint {

struct Chain {
  std::vector<const Webhook*> mutating, validating;

  // The mutating ones' timeouts, twice where they are called again (IfNeeded), and the longest validating one.
  std::int64_t seconds() const;
  const Webhook* longest() const;  // null for an empty chain
  std::vector<const Webhook*> all() const;
  std::string text() const;  // "a.example.com 10 s, b.example.com 2 x 10 s"
};

// The chains of a target: over operations, and over the namespaces that selectors tell apart. Each once.
std::vector<Chain> chains_of(const Model& model, const Target& target);

// The longest chain of each set of webhooks, over all resources: no chain that is part of a longer one.
std::vector<Chain> chains(const Model& model);

}  // namespace gatepost::lint
