#include "admission/dispatch.h"

#include "admission/errors.h"
#include "admission/predicates/object_selector.h"
#include "json/arena.h"

namespace gatepost::admission {

bool refuses_dry_run(const Hook& hook, const Attributes& attributes) {
  return attributes.dry_run && hook.side_effects != SideEffects::none &&
         hook.side_effects != SideEffects::none_on_dry_run;
}

std::string failure_text(const Hook& hook, const AnswerError& error) {
  if (error.kind == AnswerError::Kind::call) return call_failed(hook.name, error.text);
  if (!hook.target->problem.empty()) return webhook_failed(hook.name, error.text);
  return webhook_failed(hook.name, "received invalid webhook response: " + error.text);
}

void take_notes(const Hook& hook, const ReviewAnswer& answer, Trail& trail) {
  for (const std::string& warning : answer.warnings) trail.warnings.push_back(warning);
  for (const auto& [key, value] : answer.audit_annotations)
    trail.annotations.emplace_back(hook.name + "/" + key, value);
}

kube::ApiResult<VersionedRequest> versioned(const Match& match, const Attributes& attributes) {
  return VersionedRequest::make(attributes, match.kind, match.resource);
}

kube::ApiResult<bool> should_call(const Match& match, const Attributes& attributes, Shared& shared) {
  const Hook& hook = *match.hook;
  auto in_namespace = matches_namespace(hook.namespace_selector, attributes, shared.labels);
  if (!in_namespace || !*in_namespace) return in_namespace;
  auto selected = matches_object(hook.object_selector, attributes.object, attributes.old_object);
  if (!selected || !*selected) return selected;
  if (!hook.conditions) return true;
  // Only match conditions look into the object in the webhook's version; selectors do with the request's.
  auto request = versioned(match, attributes);
  if (!request) return fail_with(std::move(request.error()));
  json::Arena arena;
  json::Value facts;
  if (hook.conditions->look_at_request()) facts = request_for_conditions(attributes, *request, arena.storage());
  auto verdict = hook.conditions->evaluate(request->object(), request->old_object(), facts, shared.authorizer);
  if (!verdict.matches) return false;
  if (verdict.errors.empty()) return true;
  std::string why;
  for (const std::string& error : verdict.errors) why += (why.empty() ? "" : ", ") + error;
  if (verdict.errors.size() > 1) why = "[" + why + "]";
  bool open = hook.failure_policy == FailurePolicy::ignore;
  if (shared.log)
    shared.log(klog::Severity::warning, "webhook.go:337",
               std::string("Failed evaluating match conditions, failing ") + (open ? "open " : "closed ") + hook.name +
                   ": " + why);
  if (open) return false;
  return fail_with(kube::forbidden(attributes.resource.group, attributes.resource.resource, attributes.name, why));
}

}  // namespace gatepost::admission
