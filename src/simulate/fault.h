// Faults of a webhook's backend as they are played, with the texts that the API server's client gives for them. The
// certificates are real ones, judged by the real verifier at the time of the simulated cluster.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/time.h"
#include "net/error.h"

namespace gatepost::simulate {

enum class Fault { none, slow, refusing, expired_certificate, rotated_ca };

class FaultTexts {
 public:
  // `start`: the cluster's time at the beginning; the expired certificate ended a day before.
  static std::shared_ptr<const FaultTexts> make(WallTime start);
  virtual ~FaultTexts() = default;
  // What the client sees of a backend at `address` that serves as `server_name`. `fault` is not none; the delay of a
  // slow one is the caller's business.
  virtual net::Error error(Fault fault, std::string_view address, std::string_view server_name, WallTime now) const = 0;
};

}  // namespace gatepost::simulate
