#include <algorithm>
#include <array>
#include <set>

#include "cel/environment.h"
#include "cel/types.h"
#include "formats/names.h"
#include "kube/validation/kinds.h"
#include "kube/validation/metadata.h"
#include "kube/validation/webhook_rules.h"

namespace gatepost::kube {
namespace {

constexpr std::size_t most_annotations = 20;
constexpr std::size_t longest_annotation_expression = 5 * 1024;

constexpr Choices match_policies = {"Equivalent", "Exact"};
constexpr Choices failure_policies = {"Fail", "Ignore"};

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

bool is_cel_identifier(std::string_view name) {
  static constexpr std::array<std::string_view, 21> reserved = {
      "true", "false",  "null", "in",   "as",      "break",     "const",  "continue", "else", "for",  "function",
      "if",   "import", "let",  "loop", "package", "namespace", "return", "var",      "void", "while"};
  return formats::c_identifier(name).empty() && std::find(reserved.begin(), reserved.end(), name) == reserved.end();
}

cel::Environment::Params params_of(const Field& spec) {
  return spec["paramKind"].present() ? cel::Environment::Params::declared : cel::Environment::Params::none;
}

// Complains at `field` of an expression, quoting `text`, that does not compile or has another type than one of
// `results` (as CEL writes them; none: any). `compiled`: what is compiled where that is not the text quoted.
std::optional<cel::Program> compile(Errors& errors, const Field& field, const cel::Environment& environment,
                                    std::string_view text, std::initializer_list<std::string_view> results,
                                    std::string_view compiled = {}) {
  auto program = environment.compile(std::string(compiled.empty() ? text : compiled));
  if (!program) {
    if (program.error().stage == cel::CompileError::Stage::Check)
      errors.invalid_text(field, text, "compilation failed: " + program.error().text);
    else
      errors.internal(field, "program instantiation failed: " + program.error().text);
    return std::nullopt;
  }
  std::string type = cel::declared_name(program->result_type());
  if (results.size() == 0 || std::find(results.begin(), results.end(), type) != results.end())
    return std::move(*program);
  std::string wanted;
  for (std::string_view result : results) wanted += (wanted.empty() ? "" : " ") + std::string(result);
  errors.invalid_text(field, text,
                      results.size() == 1 ? "must evaluate to " + wanted + " but got " + type
                                          : "must evaluate to one of [" + wanted + "] but got " + type);
  return std::nullopt;
}

void validate_param_kind(Errors& errors, const Field& kind) {
  Field api_version = kind["apiVersion"], name = kind["kind"];
  std::string_view text = api_version.text();
  if (text.empty()) {
    errors.required(api_version);
  } else if (std::count(text.begin(), text.end(), '/') > 1) {
    errors.invalid(api_version, "unexpected GroupVersion string: " + std::string(text));
  } else {
    std::size_t slash = text.find('/');
    std::string_view group = slash == std::string_view::npos ? std::string_view{} : text.substr(0, slash);
    std::string_view version = slash == std::string_view::npos ? text : text.substr(slash + 1);
    if (!group.empty())
      if (auto complaints = formats::dns1123_subdomain(group); !complaints.empty())
        errors.invalid_text(api_version, group, formats::joined(complaints, ","));
    if (version.empty())
      errors.invalid(api_version, "version must be specified");
    else if (auto complaints = formats::dns1035_label(version); !complaints.empty())
      errors.invalid_text(api_version, version, formats::joined(complaints, ","));
  }
  if (name.text().empty())
    errors.required(name);
  else if (auto complaints = formats::dns1035_label(lower(name.text())); !complaints.empty())
    errors.invalid(name, "may have mixed case, but should otherwise match: " + formats::joined(complaints, ","));
}

void validate_named_rules(Errors& errors, const Field& rules) {
  for_each(rules, [&](const Field& rule) {
    std::set<std::string_view> names;
    Field resource_names = rule["resourceNames"];
    for_each(resource_names, [&](const Field& name) {
      errors.invalid_each(name, name.text(), formats::path_segment(name.text()));
      if (!names.insert(name.text()).second) errors.duplicate(name);
    });
    validate_rule_with_operations(errors, rule);
  });
}

void validate_match_resources(Errors& errors, const Field& match) {
  if (!match.present()) return;
  errors.choice(match["matchPolicy"], match_policies);
  for (std::string_view name : {"namespaceSelector", "objectSelector"}) {
    Field selector = match[name];
    if (!selector.present())
      errors.required(selector);
    else
      validate_label_selector(errors, selector);
  }
  validate_named_rules(errors, match["resourceRules"]);
  validate_named_rules(errors, match["excludeResourceRules"]);
}

// Mutation is for requests that bring an object.
void no_deletes(Errors& errors, const Field& match) {
  Field rules = match["resourceRules"];
  Field place = rules["operations"];
  for_each(rules, [&](const Field& rule) {
    Field operations = rule["operations"];
    for_each(operations, [&](const Field& operation) {
      if (!operation.is_one_of({"*", "CREATE", "UPDATE", "CONNECT"}))
        errors.not_supported_shown(place, shown(operation.text()), {"*", "CONNECT", "CREATE", "UPDATE"});
    });
  });
}

void validate_constraints(Errors& errors, const Field& spec) {
  errors.choice(spec["failurePolicy"], failure_policies);
  Field param_kind = spec["paramKind"], constraints = spec["matchConstraints"];
  if (param_kind.present()) validate_param_kind(errors, param_kind);
  if (!constraints.present()) {
    errors.required(constraints);
    return;
  }
  validate_match_resources(errors, constraints);
  Field rules = constraints["resourceRules"];
  if (rules.empty()) errors.required(rules);
}

void validate_variables(Errors& errors, const Field& variables, cel::PolicyEnvironments& environments) {
  for_each(variables, [&](const Field& variable) {
    Field name = variable["name"], expression = variable["expression"];
    if (trimmed(name.text()).empty())
      errors.required(name, "name is not specified");
    else if (!is_cel_identifier(name.text()))
      errors.invalid(name, "must be a valid CEL identifier");
    if (trimmed(expression.text()).empty()) {
      errors.required(expression, "expression is not specified");
      return;
    }
    auto program = compile(errors, expression, environments.expressions(), expression.text(), {});
    environments.declare_variable(std::string(name.text()), program ? &program->result_type() : nullptr);
  });
}

void validate_validation(Errors& errors, const Field& validation, const cel::PolicyEnvironments& environments) {
  Field expression = validation["expression"], message = validation["message"],
        message_expression = validation["messageExpression"], reason = validation["reason"];
  if (trimmed(expression.text()).empty())
    errors.required(expression, "expression is not specified");
  else
    (void)compile(errors, expression, environments.expressions(), expression.text(), {"bool"});
  if (!message_expression.text().empty()) {
    if (trimmed(message_expression.text()).empty())
      errors.invalid(message_expression, "must be non-empty if specified");
    else
      (void)compile(errors, message_expression, environments.messages(), message_expression.text(), {"string"});
  }
  if (!message.text().empty()) {
    std::string_view text = trimmed(message.text());
    if (text.empty())
      errors.invalid(message, "must be non-empty if specified");
    else if (text.find_first_of("\n\r") != std::string_view::npos)
      errors.invalid(message, "must not contain line breaks");
  }
  if (reason.present() && !reason.is_one_of({"Forbidden", "Invalid", "RequestEntityTooLarge"}))
    errors.not_supported(reason, {"Forbidden", "Invalid", "RequestEntityTooLarge"});
}

void validate_audit_annotation(Errors& errors, const Field& annotation, std::string_view policy,
                               const cel::Environment& expressions) {
  Field key = annotation["key"], value = annotation["valueExpression"];
  if (policy.empty()) {
    errors.invalid_text(key, key.text(), "requires metadata.name be non-empty");
  } else {
    std::string full = std::string(policy) + "/" + std::string(key.text());
    errors.invalid_each(key, full, formats::label_key(full));
  }
  std::string_view text = trimmed(value.text());
  if (text.empty())
    errors.required(value, "valueExpression is not specified");
  else if (text.size() > longest_annotation_expression)
    errors.required(value, "must not exceed " + std::to_string(longest_annotation_expression) + " bytes in length");
  else
    (void)compile(errors, value, expressions, value.text(), {"string", "null_type"}, text);
}

void validate_validating_policy(Errors& errors, const Field& policy, bool ignore_conditions) {
  Field spec = policy["spec"];
  cel::Environment::Params params = params_of(spec);
  validate_constraints(errors, spec);
  if (!ignore_conditions) validate_match_conditions(errors, spec["matchConditions"], params);
  Field variables = spec["variables"], validations = spec["validations"], annotations = spec["auditAnnotations"];
  using Variables = cel::PolicyEnvironments::Variables;
  cel::PolicyEnvironments environments(params, variables.empty() ? Variables::none : Variables::declared);
  validate_variables(errors, variables, environments);
  if (validations.empty() && annotations.empty()) {
    errors.required(validations, "validations or auditAnnotations must contain at least one item");
    errors.required(annotations, "validations or auditAnnotations must contain at least one item");
    return;
  }
  for_each(validations, [&](const Field& validation) { validate_validation(errors, validation, environments); });
  if (annotations.size() > most_annotations)
    errors.invalid(annotations, "must not have more than " + std::to_string(most_annotations) + " auditAnnotations");
  std::set<std::string_view> keys;
  Field metadata = policy["metadata"];
  for_each(annotations, [&](const Field& annotation) {
    validate_audit_annotation(errors, annotation, metadata["name"].text(), environments.expressions());
    Field key = annotation["key"];
    if (!keys.insert(key.text()).second) errors.duplicate(key);
  });
}

void validate_mutation(Errors& errors, const Field& mutation, const cel::Environment& mutations) {
  Field type = mutation["patchType"], json_patch = mutation["jsonPatch"], apply = mutation["applyConfiguration"];
  auto check = [&](const Field& holder, std::string_view result) {
    Field expression = holder["expression"];
    std::string_view text = trimmed(expression.text());
    if (text.empty())
      errors.required(expression);
    else
      (void)compile(errors, expression, mutations, text, {result});
  };
  if (type.text().empty()) {
    errors.required(type);
  } else if (type.is("JSONPatch")) {
    if (!json_patch.present())
      errors.required(json_patch, "must be specified when patchType is JSONPatch");
    else
      check(json_patch, "list(JSONPatch)");
    if (apply.present())
      errors.invalid_text(apply, "{applyConfiguration}", "must not be specified when patchType is JSONPatch");
  } else if (type.is("ApplyConfiguration")) {
    if (!apply.present())
      errors.required(apply, "must be specified when patchType is ApplyConfiguration");
    else
      check(apply, "Object");
    if (json_patch.present())
      errors.invalid_text(json_patch, "{jsonPatch}", "must not be specified when patchType is ApplyConfiguration");
  } else {
    errors.not_supported(type, {"ApplyConfiguration", "JSONPatch"});
  }
}

void validate_mutating_policy(Errors& errors, const Field& policy, bool ignore_conditions) {
  Field spec = policy["spec"];
  cel::Environment::Params params = params_of(spec);
  validate_constraints(errors, spec);
  Field constraints = spec["matchConstraints"];
  no_deletes(errors, constraints);
  if (!ignore_conditions) validate_match_conditions(errors, spec["matchConditions"], params);
  cel::PolicyEnvironments environments(params);
  validate_variables(errors, spec["variables"], environments);
  Field mutations = spec["mutations"];
  if (mutations.empty()) errors.required(mutations, "mutations must contain at least one item");
  for_each(mutations, [&](const Field& mutation) { validate_mutation(errors, mutation, environments.mutations()); });
  errors.choice(spec["reinvocationPolicy"], {"IfNeeded", "Never"});
}

void validate_param_ref(Errors& errors, const Field& reference) {
  if (!reference.present()) return;
  Field name = reference["name"], selector = reference["selector"], action = reference["parameterNotFoundAction"];
  bool named = !name.text().empty();
  if (named) {
    errors.invalid_each(name, name.text(), formats::path_segment(name.text()));
    if (selector.present()) errors.forbidden(name, "name and selector are mutually exclusive");
  }
  if (selector.present()) {
    validate_label_selector(errors, selector);
    if (named) errors.forbidden(selector, "name and selector are mutually exclusive");
  }
  if (!named && !selector.present()) errors.required(reference, "one of name or selector must be specified");
  errors.choice(action, {"Deny", "Allow"});
}

void validate_binding(Errors& errors, const Field& spec) {
  Field policy = spec["policyName"];
  if (policy.text().empty())
    errors.required(policy);
  else
    errors.invalid_each(policy, policy.text(), formats::dns1123_subdomain(policy.text()));
  validate_param_ref(errors, spec["paramRef"]);
  validate_match_resources(errors, spec["matchResources"]);
}

void create_validating(Errors& errors, const Field& object) {
  validate_validating_policy(errors, object, false);
}
void create_mutating(Errors& errors, const Field& object) {
  validate_mutating_policy(errors, object, false);
}

bool same_conditions(const Field& now, const Field& before) {
  Field spec = now["spec"], old_spec = before["spec"];
  return equal(spec["paramKind"], old_spec["paramKind"]) && equal(spec["matchConditions"], old_spec["matchConditions"]);
}

void update_validating(Errors& errors, const Field& now, const Field& before) {
  validate_validating_policy(errors, now, same_conditions(now, before));
}
void update_mutating(Errors& errors, const Field& now, const Field& before) {
  validate_mutating_policy(errors, now, same_conditions(now, before));
}

void create_validating_binding(Errors& errors, const Field& object) {
  Field spec = object["spec"];
  validate_binding(errors, spec);
  Field actions = spec["validationActions"];
  std::set<std::string_view> seen;
  for_each(actions, [&](const Field& action) {
    if (!action.is_one_of({"Audit", "Deny", "Warn"})) errors.not_supported(action, {"Audit", "Deny", "Warn"});
    if (!seen.insert(action.text()).second) errors.duplicate(action);
  });
  if (seen.contains("Deny") && seen.contains("Warn"))
    errors.invalid(actions,
                   "must not contain both Deny and Warn (repeating the same validation failure information in the API "
                   "response and headers serves no purpose)");
  if (seen.empty()) errors.required(actions, "at least one validation action is required");
}

void create_mutating_binding(Errors& errors, const Field& object) {
  Field spec = object["spec"];
  validate_binding(errors, spec);
  Field match = spec["matchResources"];
  no_deletes(errors, match);
}

}  // namespace

std::span<const KindRules> policy_rules() {
  static constexpr std::string_view group = "admissionregistration.k8s.io";
  static constexpr std::array rows = {
      KindRules{group, "ValidatingAdmissionPolicy", create_validating, update_validating, false, false},
      KindRules{group, "MutatingAdmissionPolicy", create_mutating, update_mutating, false, false},
      KindRules{group, "ValidatingAdmissionPolicyBinding", create_validating_binding, nullptr, true, false},
      KindRules{group, "MutatingAdmissionPolicyBinding", create_mutating_binding, nullptr, true, false},
  };
  return rows;
}

}  // namespace gatepost::kube
