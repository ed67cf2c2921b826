// What webhook configurations and admission policies share.
#pragma once

#include <set>

#include "kube/validation/field.h"

namespace gatepost::kube {

void validate_rule_with_operations(Errors& errors, const Field& rule);

// Names and expressions of match conditions. `params`: the expressions may use `params`.
struct MatchConditionOptions {
  bool params = false;
};
void validate_match_conditions(Errors& errors, const Field& conditions, const MatchConditionOptions& options);

std::string_view trimmed(std::string_view text);

}  // namespace gatepost::kube
