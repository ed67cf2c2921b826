// The controllers without which a cluster's API is not whole: namespaces end, and what is owned goes with its owner.
#pragma once

#include <chrono>
#include <memory>

#include "apiserver/call.h"

namespace gatepost::apiserver {

class Controllers {
 public:
  struct Options {
    // kube-controller-manager's namespaceDeletionGracePeriod.
    std::chrono::milliseconds namespace_grace{5000};
  };
  // `deps` outlives them.
  static std::unique_ptr<Controllers> make(const Deps& deps, Options options);
  virtual ~Controllers() = default;
  // Starts their work beside the present task.
  virtual net::Task<void> start() = 0;
  // Ends when the work under way has ended.
  virtual net::Task<void> stop() = 0;
};

}  // namespace gatepost::apiserver
