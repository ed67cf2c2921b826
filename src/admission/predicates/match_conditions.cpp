#include "admission/predicates/match_conditions.h"

#include <algorithm>

#include "admission/expressions/session.h"

namespace gatepost::admission {

std::shared_ptr<const MatchConditions> MatchConditions::compile(const json::Value& holder,
                                                                const cel::Environment& environment) {
  const json::Array* list = json::array_at(holder, {"matchConditions"});
  if (!list || list->empty()) return nullptr;
  auto out = std::make_shared<MatchConditions>();
  for (const json::Value& entry : *list)
    out->conditions_.push_back(
        Expression::compile(environment, std::string(json::string_at(entry, {"expression"})), {"bool"}));
  return out;
}

MatchConditions::Verdict MatchConditions::evaluate(const Inputs& inputs, const Variables* variables) const {
  Inputs seen = inputs;
  seen.namespace_object = nullptr;
  cel::Arena arena;
  Session session(seen, variables, arena, cost_of_match_conditions);
  std::vector<std::string> errors;  // each once, in order
  for (const Expression& condition : conditions_) {
    auto value = session.evaluate(condition);
    if (value) {
      if (!value->is_true()) return {.matches = false, .error = ""};
      continue;
    }
    if (value.error().out_of_budget) return {.matches = false, .error = std::move(value.error().text)};
    if (std::find(errors.begin(), errors.end(), value.error().text) == errors.end())
      errors.push_back(std::move(value.error().text));
  }
  Verdict verdict;
  for (const std::string& error : errors) verdict.error += (verdict.error.empty() ? "" : ", ") + error;
  if (errors.size() > 1) verdict.error = "[" + verdict.error + "]";
  return verdict;
}

bool MatchConditions::mention(std::string_view variable) const {
  return std::any_of(conditions_.begin(), conditions_.end(),
                     [&](const Expression& condition) { return condition.mentions(variable); });
}

}  // namespace gatepost::admission
