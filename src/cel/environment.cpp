#include "cel/environment.h"

#include <algorithm>

#include "cel/build_ast.h"
#include "cel/checker.h"
#include "cel/libraries.h"
#include "cel/plan.h"
#include "cel/validators.h"

namespace gatepost::cel {

struct Program::Parts {
  std::shared_ptr<const Declarations> declarations;
  std::unique_ptr<Ast> ast;
  std::unique_ptr<Plan> plan;
};

Program::Program(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Program::Program(Program&&) noexcept = default;
Program& Program::operator=(Program&&) noexcept = default;
Program::~Program() = default;

Result<Value, EvaluationError> Program::evaluate(const Activation& activation, Arena& arena, CostBudget& budget) const {
  Evaluation evaluation(arena, activation, budget.limit);
  const Value out = cel::evaluate(*parts_->plan, evaluation);
  budget.spent = evaluation.spent;
  if (evaluation.cancelled)
    return fail_with(
        EvaluationError{EvaluationError::Kind::CostExceeded, "operation cancelled: actual cost limit exceeded"});
  if (out.is_error()) return fail_with(EvaluationError{EvaluationError::Kind::Failed, std::string(out.text())});
  return out;
}

const Type& Program::result_type() const {
  return parts_->ast->root->type != nullptr ? *parts_->ast->root->type : *dyn_type();
}

bool Program::uses(std::string_view variable) const {
  const auto& names = parts_->plan->variables;
  return std::find(names.begin(), names.end(), variable) != names.end();
}

CostEstimate Program::estimate_cost(const SizeHints* sizes) const {
  if (parts_->ast->root->type == nullptr) return {0, UINT64_MAX};  // never checked
  return cel::estimate_cost(*parts_->ast, sizes);
}

Environment::Environment(std::shared_ptr<const Declarations> declarations, Options options)
    : declarations_(std::move(declarations)), options_(options), macros_(declarations_->all_macros()) {}

Environment::Environment(std::shared_ptr<const Declarations> declarations)
    : Environment(std::move(declarations), Options{}) {}

Result<Program, CompileError> Environment::compile(std::string expression) const {
  Issues issues;
  ParseOptions parsing;
  parsing.macros = macros_;
  parsing.escaped_identifiers = declarations_->dialect == Dialect::Language;
  auto ast = parse_expression(std::move(expression), parsing, issues);
  if (issues.empty() && !options_.skip_check) {
    check(*ast, *declarations_, issues);
    if (issues.empty() && options_.validate_literals) validate_literals(*ast, issues);
  }
  if (!issues.empty()) return fail_with(CompileError{CompileError::Stage::Check, issues.display(ast->source)});
  auto plan = make_plan(*ast, *declarations_);
  if (!plan) return fail_with(CompileError{CompileError::Stage::Program, plan.error().text});
  auto parts = std::make_unique<Program::Parts>();
  parts->declarations = declarations_;
  parts->ast = std::move(ast);
  parts->plan = std::move(*plan);
  return Program(std::move(parts));
}

}  // namespace gatepost::cel
