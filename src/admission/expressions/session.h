// Session: evaluates expressions of one webhook or policy against one request, one after the other, from one budget.
// Composed variables are computed when they are first used and kept for the session.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "admission/expressions/expression.h"
#include "admission/expressions/inputs.h"
#include "base/result.h"
#include "cel/evaluation.h"

namespace gatepost::admission {

// kube-apiserver's limits (apiserver/pkg/apis/cel/config.go).
constexpr std::uint64_t cost_per_expression = 1'000'000;
constexpr std::uint64_t cost_of_policy = 10'000'000;
constexpr std::uint64_t cost_of_match_conditions = 2'500'000;

struct ExpressionError {
  bool out_of_budget = false;  // nothing further may be evaluated
  std::string text;            // as told to the client: "expression 'x' resulted in error: ..."
};

class Session final : public cel::LazyVariables {
 public:
  // `variables` may be null. All arguments outlive the session; values live as long as `arena`.
  Session(const Inputs& inputs, const Variables* variables, cel::Arena& arena, std::uint64_t budget);

  Result<cel::Value, ExpressionError> evaluate(const Expression& expression);
  std::uint64_t left() const { return left_; }

  bool find(std::string_view name, cel::Evaluation& evaluation, cel::Value& out) override;

 private:
  cel::Value compute(std::size_t index);

  const Variables* variables_;
  cel::Arena& arena_;
  std::uint64_t left_;
  std::uint64_t composed_ = 0;  // cost of variables since it was last asked for
  std::size_t depth_ = 0;
  std::array<cel::Variable, 7> values_;
  cel::Activation activation_;
  std::vector<std::optional<cel::Value>> known_;
};

}  // namespace gatepost::admission
