// One POST to a webhook, as client-go's rest.Request makes it: one time limit over all attempts, and the retries that
// an answer asks for. Admission and conversion webhooks are called through it.
#pragma once

#include <chrono>
#include <string>

#include "admission/targets.h"
#include "base/result.h"
#include "net/http/client.h"
#include "net/task.h"

namespace gatepost::admission {

struct PostFailure {
  std::string text;  // client-go's
  int status = 0;    // of the answer that failed; 0: there was none
};

// The answer of a 2xx status. `target` must have no problem; the URL carries `budget` in whole seconds, rounded up.
net::Task<Result<net::http::Response, PostFailure>> post(Target::Handle target, std::string user_agent,
                                                         std::string body, std::chrono::nanoseconds budget);

}  // namespace gatepost::admission
