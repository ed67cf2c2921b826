// The namespace controller: when a namespace is being deleted, its pods go, then all else in it, then its finalizer
// `kubernetes`, and with that the namespace itself. What finalizers, grace or refusals of webhooks keep is told in
// status.conditions; the work goes on when something in the namespace is gone, and after a pause when something failed.
#pragma once

#include <chrono>
#include <memory>

#include "apiserver/call.h"

namespace gatepost::apiserver {

class NamespaceController {
 public:
  // `deps` outlives the controller.
  // `grace`: how long a namespace that is being deleted is left alone first, so that all may know.
  static std::unique_ptr<NamespaceController> make(const Deps& deps, std::chrono::milliseconds grace);
  virtual ~NamespaceController() = default;
  virtual net::Task<void> run() = 0;  // until stop(), then until the last work has ended
  virtual void stop() = 0;
};

}  // namespace gatepost::apiserver
