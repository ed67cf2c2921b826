#include "admission/policy/judge.h"

#include <algorithm>
#include <chrono>

#include "admission/expressions/session.h"

namespace gatepost::admission {
namespace {

constexpr std::size_t longest_message = 5 * 1024;

std::string trimmed(std::string_view text) {
  static constexpr std::string_view space = " \t\n\r\v\f";
  std::size_t first = text.find_first_not_of(space);
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(space) - first + 1));
}

Decision failed(const Policy& policy, std::string why) {
  Decision out;
  out.admit = policy.fail_open;
  if (!out.admit) out.message = why;
  out.error = std::move(why);
  return out;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

Judgement failed_as_a_whole(const Policy& policy, std::string why) {
  Judgement out;
  out.decisions.push_back(failed(policy, std::move(why)));
  return out;
}

// Texts that are empty, too long or of several lines are not used.
std::string evaluated_message(const Result<cel::Value, ExpressionError>& value) {
  if (!value || !value->is(cel::ValueKind::String)) return {};
  std::string message = trimmed(value->text());
  if (message.size() > longest_message || message.find('\n') != std::string::npos) return {};
  return message;
}

std::string fallback_message(const Validation& validation) {
  std::string message = trimmed(validation.message);
  return message.empty() ? "failed expression: " + trimmed(validation.expression.text) : message;
}

// Message expressions come from what the validations left of the budget, and have no authoriser. They are looked at
// only when something failed. False: their budget is spent, and `problem` tells.
bool add_messages(const Policy& policy, const Inputs& inputs, std::uint64_t budget, const std::vector<bool>& denied,
                  std::vector<Decision>& decisions, std::string& problem) {
  Inputs seen = inputs;
  seen.authorizer = nullptr;
  cel::Arena arena;
  Session session(seen, &policy.variables, arena, budget);
  for (std::size_t i = 0; i < policy.validations.size(); ++i) {
    const Validation& validation = policy.validations[i];
    std::string message;
    if (validation.message_expression) {
      auto value = session.evaluate(*validation.message_expression);
      if (!value && value.error().out_of_budget) {
        problem = "failed messageExpression: " + value.error().text;
        return false;
      }
      message = evaluated_message(value);
    }
    if (denied[i]) decisions[i].message = message.empty() ? fallback_message(validation) : std::move(message);
  }
  return true;
}

AnnotationResult annotation(const Policy& policy, const AuditAnnotation& wanted,
                            const Result<cel::Value, ExpressionError>& value) {
  using Kind = AnnotationResult::Kind;
  if (!value) return {policy.fail_open ? Kind::exclude : Kind::error, wanted.key, value.error().text};
  if (!value->is(cel::ValueKind::String)) return {Kind::exclude, wanted.key, ""};
  std::string text = trimmed(value->text());
  return {text.empty() ? Kind::exclude : Kind::publish, wanted.key, std::move(text)};
}

}  // namespace

Judgement judge(const Policy& policy, const Inputs& inputs) {
  if (policy.conditions) {
    auto verdict = policy.conditions->evaluate(inputs, &policy.variables);
    if (!verdict.error.empty()) {
      // Under failurePolicy Ignore a condition that cannot be told does not hold.
      if (policy.fail_open) return {};
      return failed_as_a_whole(policy, std::move(verdict.error));
    }
    if (!verdict.matches) return {};
  }

  Judgement out;
  cel::Arena arena;
  Session session(inputs, &policy.variables, arena, cost_of_policy);
  std::vector<bool> denied(policy.validations.size()), broken(policy.validations.size());
  bool all_well = true;
  for (std::size_t i = 0; i < policy.validations.size(); ++i) {
    const Validation& validation = policy.validations[i];
    const auto start = std::chrono::steady_clock::now();
    auto value = session.evaluate(validation.expression);
    if (!value && value.error().out_of_budget) return failed_as_a_whole(policy, std::move(value.error().text));
    Decision decision;
    if (!value) {
      decision = failed(policy, std::move(value.error().text));
      broken[i] = true;
    } else if (!value->is_true()) {
      denied[i] = true;
      decision.admit = false;
      decision.reason = validation.reason.empty() ? "Invalid" : validation.reason;
    }
    decision.seconds = seconds_since(start);
    all_well = all_well && value && !denied[i];
    out.decisions.push_back(std::move(decision));
  }
  std::string problem;
  if (!all_well && !add_messages(policy, inputs, session.left(), denied, out.decisions, problem))
    for (std::size_t i = 0; i < out.decisions.size(); ++i)
      if (!broken[i]) {
        const double seconds = out.decisions[i].seconds;
        out.decisions[i] = failed(policy, problem);
        out.decisions[i].seconds = seconds;
      }

  if (policy.audit_annotations.empty()) return out;
  Inputs seen = inputs;
  seen.authorizer = nullptr;
  cel::Arena annotation_arena;
  Session annotations(seen, &policy.variables, annotation_arena, cost_of_policy);
  for (const AuditAnnotation& wanted : policy.audit_annotations) {
    const auto start = std::chrono::steady_clock::now();
    auto value = annotations.evaluate(wanted.value);
    if (!value && value.error().out_of_budget) return failed_as_a_whole(policy, std::move(value.error().text));
    out.annotations.push_back(annotation(policy, wanted, value));
    out.annotations.back().seconds = seconds_since(start);
  }
  return out;
}

}  // namespace gatepost::admission
