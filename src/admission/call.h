// One call of one webhook: its own deadline (at most what is left of the request), the HTTP request, retries that the
// answer asks for, and the outcome as a value.
#pragma once

#include <string>

#include "admission/hook.h"
#include "admission/review.h"
#include "net/task.h"

namespace gatepost::admission {

struct CallOutcome {
  Result<ReviewAnswer, AnswerError> answer;
  int code = 200;  // the `code` label of metrics: what the call was answered with; 0: no answer
};

// `deadline` is the request's. The error's text is the one behind `failed calling webhook "x": [failed to call webhook:
// ]`.
net::Task<CallOutcome> call_webhook(std::shared_ptr<const Hook> hook, std::string body, std::string uid,
                                    net::SteadyTime deadline);

}  // namespace gatepost::admission
