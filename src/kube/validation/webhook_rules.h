// What webhook configurations and admission policies share.
#pragma once

#include "cel/environment.h"
#include "kube/validation/field.h"

namespace gatepost::kube {

// The address of a webhook: a URL, or a Service.
void validate_webhook_url(Errors& errors, const Field& url);
void validate_webhook_service(Errors& errors, const Field& service);

void validate_rule_with_operations(Errors& errors, const Field& rule);

// Names and expressions of match conditions.
void validate_match_conditions(Errors& errors, const Field& conditions, cel::Environment::Params params);

std::string_view trimmed(std::string_view text);

}  // namespace gatepost::kube
