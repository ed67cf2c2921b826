// Makes an event happen to backends, step by step as time passes, as administrators, hardware and the API server's own
// controllers would: what they write goes through admission, and what is refused is tried again.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rehearse/scenario.h"

namespace gatepost::rehearse {

class Happening {
 public:
  // `world` outlives it.
  static std::unique_ptr<Happening> make(World& world, const Scenario& scenario);
  virtual ~Happening() = default;
  // The beginning.
  virtual net::Task<void> start() = 0;
  // Called every few seconds of the cluster's time.
  virtual net::Task<void> step() = 0;
  // Whoever looks after the backend brings it back: heals the fault, scales up, installs again.
  virtual net::Task<void> bring_back() = 0;
  // Nothing is left to be done (as far as step() goes).
  virtual bool done() const = 0;
  // Whether the backend needs bring_back(): what befell it does not end by itself.
  virtual bool needs_help() const = 0;
  virtual const std::vector<std::string>& remarks() const = 0;
};

}  // namespace gatepost::rehearse
