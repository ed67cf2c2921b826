#include "admission/policy/policy.h"

#include <algorithm>

namespace gatepost::admission {
namespace {

std::optional<ParamKind> read_param_kind(const json::Value& spec) {
  const json::Value* kind = json::find(spec, "paramKind");
  if (!kind || !kind->is_object()) return std::nullopt;
  std::string_view api_version = json::string_at(*kind, {"apiVersion"});
  ParamKind out;
  std::size_t slash = api_version.find('/');
  if (slash != std::string_view::npos) out.group = api_version.substr(0, slash);
  out.version = slash == std::string_view::npos ? api_version : api_version.substr(slash + 1);
  out.kind = json::string_at(*kind, {"kind"});
  return out;
}

std::string text_at(const json::Value& value, std::string_view key) {
  return std::string(json::string_at(value, {key}));
}

Validation read_validation(const json::Value& value, const cel::PolicyEnvironments& environments) {
  Validation out;
  out.expression = Expression::compile(environments.expressions(), text_at(value, "expression"), {"bool"});
  out.message = text_at(value, "message");
  out.reason = text_at(value, "reason");
  if (std::string message = text_at(value, "messageExpression"); !message.empty())
    out.message_expression = Expression::compile(environments.messages(), std::move(message), {"string"});
  return out;
}

std::optional<Mutation> read_mutation(const json::Value& value, const cel::PolicyEnvironments& environments) {
  std::string_view type = json::string_at(value, {"patchType"});
  auto compile = [&](std::string_view holder, std::string_view result) {
    return Expression::compile(environments.mutations(), std::string(json::string_at(value, {holder, "expression"})),
                               {result});
  };
  if (type == "JSONPatch") return Mutation{PatchKind::json_patch, compile("jsonPatch", "list(JSONPatch)")};
  if (type == "ApplyConfiguration")
    return Mutation{PatchKind::apply_configuration, compile("applyConfiguration", "Object")};
  return std::nullopt;
}

template <class Each>
void for_each(const json::Value& spec, std::string_view key, Each each) {
  if (const json::Array* list = json::array_at(spec, {key}))
    for (const json::Value& item : *list) each(item);
}

}  // namespace

std::shared_ptr<const Policy> Policy::compile(const json::Value& object) {
  auto out = std::make_shared<Policy>();
  out->name = json::string_at(object, {"metadata", "name"});
  static const json::Value nothing;
  const json::Value* found = json::find(object, "spec");
  const json::Value& spec = found ? *found : nothing;
  out->fail_open = json::string_at(spec, {"failurePolicy"}) == "Ignore";
  if (const json::Value* constraints = json::find(spec, "matchConstraints"))
    out->constraints = MatchResources::read(*constraints);
  out->param_kind = read_param_kind(spec);
  out->reinvocable = json::string_at(spec, {"reinvocationPolicy"}) == "IfNeeded";

  using Params = cel::Environment::Params;
  cel::PolicyEnvironments environments(out->param_kind ? Params::declared : Params::none);
  out->variables = Variables::compile(json::array_at(spec, {"variables"}), environments);
  out->conditions = MatchConditions::compile(spec, environments.expressions());
  for_each(spec, "validations",
           [&](const json::Value& value) { out->validations.push_back(read_validation(value, environments)); });
  for_each(spec, "auditAnnotations", [&](const json::Value& value) {
    out->audit_annotations.push_back(
        {text_at(value, "key"),
         Expression::compile(environments.expressions(), text_at(value, "valueExpression"), {"string", "null_type"})});
  });
  for_each(spec, "mutations", [&](const json::Value& value) {
    if (auto mutation = read_mutation(value, environments)) out->mutations.push_back(std::move(*mutation));
  });
  return out;
}

bool Policy::mentions(std::string_view variable) const {
  for (std::size_t i = 0; i < variables.size(); ++i)
    if (variables.at(i).mentions(variable)) return true;
  auto any = [](const auto& list, auto mention) { return std::any_of(list.begin(), list.end(), mention); };
  return (conditions && conditions->mention(variable)) ||
         any(validations,
             [&](const Validation& item) {
               return item.expression.mentions(variable) ||
                      (item.message_expression && item.message_expression->mentions(variable));
             }) ||
         any(audit_annotations, [&](const AuditAnnotation& item) { return item.value.mentions(variable); }) ||
         any(mutations, [&](const Mutation& item) { return item.expression.mentions(variable); });
}

}  // namespace gatepost::admission
