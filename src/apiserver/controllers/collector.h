// The garbage collector: what is owned goes when its last owner is gone (background), before its owner goes
// (foreground), or is left alone (orphan), after kube-controller-manager's garbage collector. It hears every change of
// the store and works only on what owner references or its two finalizers concern.
#pragma once

#include <memory>

#include "apiserver/call.h"

namespace gatepost::apiserver {

class GarbageCollector {
 public:
  // `deps` outlives the collector; so does the store's listener, which then does nothing.
  static std::unique_ptr<GarbageCollector> make(const Deps& deps);
  virtual ~GarbageCollector() = default;
  virtual net::Task<void> run() = 0;  // until stop(), then until the last work has ended
  virtual void stop() = 0;
};

}  // namespace gatepost::apiserver
