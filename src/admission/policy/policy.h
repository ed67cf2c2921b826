// An admission policy, compiled: ValidatingAdmissionPolicy or MutatingAdmissionPolicy as stored, with its expressions
// as programs. Immutable.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "admission/expressions/expression.h"
#include "admission/policy/binding.h"
#include "admission/policy/match_resources.h"
#include "admission/predicates/match_conditions.h"
#include "json/value.h"

namespace gatepost::admission {

enum class PolicyType { validating, mutating };
enum class PatchKind { json_patch, apply_configuration };

struct Validation {
  Expression expression;
  std::optional<Expression> message_expression;
  std::string message, reason;  // empty: none
};

struct AuditAnnotation {
  std::string key;
  Expression value;
};

struct Mutation {
  PatchKind kind = PatchKind::json_patch;
  Expression expression;
};

struct Policy {
  std::string name;
  bool fail_open = false;  // failurePolicy Ignore
  MatchResources constraints;
  std::optional<ParamKind> param_kind;
  Variables variables;
  std::shared_ptr<const MatchConditions> conditions;  // null: none
  std::vector<Validation> validations;
  std::vector<AuditAnnotation> audit_annotations;
  std::vector<Mutation> mutations;
  bool reinvocable = false;  // reinvocationPolicy IfNeeded

  static std::shared_ptr<const Policy> compile(const json::Value& object);

  // Whether any expression may look at the variable.
  bool mentions(std::string_view variable) const;
};

}  // namespace gatepost::admission
