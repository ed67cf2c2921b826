// A webhook backend that misbehaves on purpose: what `gatepost backend`, the demo and tests call.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "backend/faults.h"
#include "base/result.h"
#include "net/task.h"

namespace gatepost::backend {

struct BackendOptions {
  std::string listen = "127.0.0.1:0";
  ChosenFault fault;
  std::string path;                // the only path that is served; empty: all
  std::vector<std::string> names;  // of the certificate, beside localhost and 127.0.0.1
  std::string ca_out;              // where the CA's PEM is written; empty: nowhere
  std::string webhook_out;         // where a configuration that calls this backend is written; empty: nowhere
};

// Serves until `stop` completes. `ready` gets the URL, such as https://127.0.0.1:9443, once it listens.
net::Task<Result<void>> serve(BackendOptions options, net::Task<void> stop,
                              std::function<void(const std::string&)> ready);

}  // namespace gatepost::backend
