// matchConditions: CEL expressions that must all hold for a webhook to be called or a policy to be evaluated. Compiled
// when the configuration changes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "admission/expressions/expression.h"
#include "admission/expressions/inputs.h"
#include "json/value.h"

namespace gatepost::admission {

class MatchConditions {
 public:
  // Null when `holder` has none. An expression that does not compile (it was refused when it was written) fails each
  // evaluation.
  static std::shared_ptr<const MatchConditions> compile(const json::Value& holder, const cel::Environment& environment);

  struct Verdict {
    bool matches = true;
    std::string error;  // "expression '...' resulted in error: ..."; only when no condition was false
  };
  // `variables` of a policy; null: none. namespaceObject is null here, whatever `inputs` hold.
  Verdict evaluate(const Inputs& inputs, const Variables* variables = nullptr) const;

  // Whether an expression may look at the variable; otherwise evaluate() may be given a null for it.
  bool mention(std::string_view variable) const;

 private:
  std::vector<Expression> conditions_;
};

}  // namespace gatepost::admission
