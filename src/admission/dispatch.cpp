#include "admission/dispatch.h"

#include "admission/errors.h"
#include "admission/predicates/object_selector.h"

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

kube::ApiResult<bool> should_call(const Match& match, const Attributes& attributes, RequestValues& values,
                                  Shared& shared) {
  const Hook& hook = *match.hook;
  auto in_namespace = matches_namespace(hook.namespace_selector, attributes, shared.labels);
  if (!in_namespace || !*in_namespace) return in_namespace;
  auto selected = matches_object(hook.object_selector, attributes.object, attributes.old_object);
  if (!selected || !*selected) return selected;
  if (!hook.conditions) return true;
  // Only match conditions look into the object in the webhook's version; selectors do with the request's.
  auto request = versioned(match, attributes);
  if (!request) return fail_with(std::move(request.error()));
  RequestAuthorizer authorizer(attributes.user, shared.authorize);
  Inputs inputs{.object = &request->object(), .old_object = &request->old_object(), .attributes = &attributes};
  if (hook.conditions->mention("request")) inputs.request = &values.get(match.kind, match.resource);
  if (hook.conditions->mention("authorizer")) inputs.authorizer = &authorizer;
  auto verdict = hook.conditions->evaluate(inputs);
  const std::string& why = verdict.error;
  if (why.empty()) return verdict.matches;
  bool open = hook.failure_policy == FailurePolicy::ignore;
  if (shared.log)
    shared.log(klog::Severity::warning, "webhook.go:337",
               std::string("Failed evaluating match conditions, failing ") + (open ? "open " : "closed ") + hook.name +
                   ": " + why);
  if (open) return false;
  return fail_with(kube::forbidden(attributes.resource.group, attributes.resource.resource, attributes.name, why));
}

}  // namespace gatepost::admission
