#include "admission/call.h"

#include <chrono>

#include "admission/post.h"

namespace gatepost::admission {

net::Task<CallOutcome> call_webhook(std::shared_ptr<const Hook> hook, std::string body, std::string uid,
                                    net::SteadyTime deadline) {
  if (!hook->target->problem.empty())
    co_return CallOutcome{fail_with(AnswerError{AnswerError::Kind::invalid, hook->target->problem}), 0};
  // What is left of the request bounds the call.
  auto left = deadline - std::chrono::steady_clock::now();
  auto response = co_await post(hook->target, "kube-apiserver-admission", std::move(body),
                                std::min<std::chrono::nanoseconds>(hook->timeout, left));
  if (!response)
    co_return CallOutcome{fail_with(AnswerError{AnswerError::Kind::call, std::move(response.error().text)}),
                          response.error().status};
  co_return CallOutcome{read_answer(response->body, response->headers.get("Content-Type"), response->status,
                                    hook->review_version, hook->type, uid),
                        response->status};
}

}  // namespace gatepost::admission
