// Listeners that fail before HTTP begins: a port where nobody listens, and connections that are reset, closed, left
// silent or answered with text.
#pragma once

#include <functional>
#include <string>

#include "backend/faults.h"
#include "base/result.h"
#include "net/task.h"

namespace gatepost::backend {

bool fails_below_http(Level level);

// Serves on `address` until `stop` completes; `ready` gets the address that was bound; its failure
// ends the serving.
net::Task<Result<void>> serve_below_http(std::string address, const Fault* fault, net::Task<void> stop,
                                         std::function<Result<void>(const std::string&)> ready);

}  // namespace gatepost::backend
