// matchConditions: CEL expressions that must all hold for a webhook to be called. Compiled when the configuration
// changes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cel/environment.h"
#include "json/value.h"

namespace gatepost::admission {

class MatchConditions {
 public:
  // Null when there are none. An expression that does not compile (it was refused when it was written) fails each call.
  static std::shared_ptr<const MatchConditions> compile(const json::Value& webhook);

  // Whether an expression may look at `request`; otherwise evaluate() may be given a null for it.
  bool look_at_request() const { return look_at_request_; }

  struct Verdict {
    bool matches = true;
    std::vector<std::string> errors;  // "expression '...' resulted in error: ..."; only when no condition was false
  };
  Verdict evaluate(const json::Value& object, const json::Value& old_object, const json::Value& request,
                   cel::Authorizer* authorizer) const;

 private:
  struct Condition {
    std::string expression, problem;
    std::unique_ptr<cel::Program> program;
  };
  std::vector<Condition> conditions_;
  bool look_at_request_ = false;
};

}  // namespace gatepost::admission
