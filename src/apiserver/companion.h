// Companion: what runs beside the server for as long as it serves, such as a simulated cluster.
#pragma once

#include <functional>
#include <memory>

#include "net/task.h"

namespace gatepost::apiserver {

struct Deps;

class Companion {
 public:
  virtual ~Companion() = default;
  // Starts its work beside the present task; requests are answered soon after.
  virtual net::Task<void> start() = 0;
  // Ends when the work under way has ended.
  virtual net::Task<void> stop() = 0;
};

// `deps` outlives the companion. Empty: there is none.
using MakeCompanion = std::function<std::unique_ptr<Companion>(const Deps& deps)>;

}  // namespace gatepost::apiserver
