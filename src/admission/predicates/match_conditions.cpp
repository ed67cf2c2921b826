#include "admission/predicates/match_conditions.h"

#include "cel/kubernetes/authorizer.h"

namespace gatepost::admission {

std::shared_ptr<const MatchConditions> MatchConditions::compile(const json::Value& webhook) {
  const json::Array* list = json::array_at(webhook, {"matchConditions"});
  if (!list || list->empty()) return nullptr;
  auto environment = cel::Environment::match_conditions();
  auto out = std::make_shared<MatchConditions>();
  for (const json::Value& entry : *list) {
    Condition condition;
    condition.expression = json::string_at(entry, {"expression"});
    out->look_at_request_ |= condition.expression.find("request") != std::string::npos;
    auto program = environment->compile(condition.expression);
    if (program)
      condition.program = std::make_unique<cel::Program>(std::move(*program));
    else
      condition.problem = "compilation failed: " + program.error().text;
    out->conditions_.push_back(std::move(condition));
  }
  return out;
}

MatchConditions::Verdict MatchConditions::evaluate(const json::Value& object, const json::Value& old_object,
                                                   const json::Value& request, cel::Authorizer* authorizer) const {
  constexpr std::uint64_t per_webhook = 2'500'000;  // kubernetes: RuntimeCELCostBudgetMatchConditions
  Verdict verdict;
  std::uint64_t left = per_webhook;
  cel::Arena arena;
  for (const Condition& condition : conditions_) {
    auto failed = [&](const std::string& why) {
      verdict.errors.push_back("expression '" + condition.expression + "' resulted in error: " + why);
    };
    if (!condition.program) {
      failed(condition.problem);
      continue;
    }
    cel::Variable variables[] = {{"object", cel::Value::of_json(object)},
                                 {"oldObject", cel::Value::of_json(old_object)},
                                 {"request", cel::Value::of_json(request)},
                                 {"authorizer", cel::authorizer_value(arena)}};
    cel::Activation activation;
    activation.variables = variables;
    activation.authorizer = authorizer;
    cel::CostBudget budget;
    budget.limit = std::min(budget.limit, left);
    auto result = condition.program->evaluate(activation, arena, budget);
    left -= std::min(left, budget.spent);
    if (!result) {
      failed(result.error().text);
    } else if (!result->is_true()) {
      verdict.matches = false;
      verdict.errors.clear();
      return verdict;
    }
  }
  return verdict;
}

}  // namespace gatepost::admission
