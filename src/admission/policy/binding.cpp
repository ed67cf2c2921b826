#include "admission/policy/binding.h"

#include "admission/predicates/rules.h"

namespace gatepost::admission {

Binding Binding::read(const json::Value& object) {
  Binding out;
  out.name = json::string_at(object, {"metadata", "name"});
  out.policy = json::string_at(object, {"spec", "policyName"});
  if (const json::Value* match = json::find_path(object, {"spec", "matchResources"}); match && match->is_object())
    out.match = MatchResources::read(*match);
  if (const json::Value* spec = json::find(object, "spec")) out.actions = read_texts(*spec, "validationActions");
  const json::Value* reference = json::find_path(object, {"spec", "paramRef"});
  if (!reference || !reference->is_object()) return out;
  ParamRef params;
  params.name = json::string_at(*reference, {"name"});
  params.ns = json::string_at(*reference, {"namespace"});
  if (const json::Value* selector = json::find(*reference, "selector"); selector && selector->is_object())
    params.selector = kube::LabelSelector::from_object(*selector);
  params.deny_when_missing = json::string_at(*reference, {"parameterNotFoundAction"}) == "Deny";
  out.params = std::move(params);
  return out;
}

}  // namespace gatepost::admission
