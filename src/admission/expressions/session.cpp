#include "admission/expressions/session.h"

#include <algorithm>

#include "cel/kubernetes/authorizer.h"

namespace gatepost::admission {
namespace {

// Variables that use variables that use variables: bounded for the stack's sake.
constexpr std::size_t deepest_variable = 64;

cel::Value value_of(const json::Value* value) {
  return value ? cel::Value::of_json(*value) : cel::Value::null();
}

cel::AuthorizationQuestion resource_of(const Attributes& attributes) {
  cel::AuthorizationQuestion question;
  question.group = attributes.resource.group;
  question.resource = attributes.resource.resource;
  question.subresource = attributes.subresource;
  question.namespace_name = attributes.ns;
  question.name = attributes.name;
  return question;
}

Failure<ExpressionError> budget_spent() {
  return fail_with(ExpressionError{
      true, "validation failed due to running out of cost budget, no further validation rules will be run"});
}

}  // namespace

Session::Session(const Inputs& inputs, const Variables* variables, cel::Arena& arena, std::uint64_t budget)
    : variables_(variables), arena_(arena), left_(budget), known_(variables ? variables->size() : 0) {
  values_ = {{{"object", value_of(inputs.object)},
              {"oldObject", value_of(inputs.old_object)},
              {"request", value_of(inputs.request)},
              {"namespaceObject", value_of(inputs.namespace_object)},
              {"params", value_of(inputs.params)}}};
  std::size_t count = values_.size() - 2;
  if (inputs.authorizer) {
    values_[count++] = {"authorizer", cel::authorizer_value(arena)};
    values_[count++] = {"authorizer.requestResource",
                        cel::request_resource_value(arena, resource_of(*inputs.attributes))};
  }
  activation_.variables = std::span(values_).first(count);
  activation_.authorizer = inputs.authorizer;
  if (variables) activation_.lazy = this;
}

Result<cel::Value, ExpressionError> Session::evaluate(const Expression& expression) {
  if (!expression.program) return fail_with(ExpressionError{false, "compilation error: " + expression.problem});
  cel::CostBudget budget{std::min(cost_per_expression, left_)};
  composed_ = 0;
  auto result = expression.program->evaluate(activation_, arena_, budget);
  if (composed_ > left_ || budget.spent > left_ - composed_) return budget_spent();
  left_ -= composed_ + budget.spent;
  if (result) return *result;
  return fail_with(
      ExpressionError{false, "expression '" + expression.text + "' resulted in error: " + result.error().text});
}

bool Session::find(std::string_view name, cel::Evaluation&, cel::Value& out) {
  auto index = variables_->find(name);
  if (!index) return false;
  if (!known_[*index]) known_[*index] = compute(*index);
  out = *known_[*index];
  return true;
}

cel::Value Session::compute(std::size_t index) {
  const Expression& expression = variables_->at(index);
  auto failed = [&](const char* how, const std::string& why) {
    return cel::Value::error(arena_,
                             "composited variable \"" + variables_->name(index) + "\" fails to " + how + ": " + why);
  };
  if (!expression.program) return failed("compile", expression.problem);
  if (depth_ >= deepest_variable) return failed("evaluate", "variables are nested too deeply");
  ++depth_;
  cel::CostBudget budget{cost_per_expression};
  auto result = expression.program->evaluate(activation_, arena_, budget);
  --depth_;
  composed_ += budget.spent;
  return result ? *result : failed("evaluate", result.error().text);
}

}  // namespace gatepost::admission
