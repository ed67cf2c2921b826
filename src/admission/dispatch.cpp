#include "admission/dispatch.h"

#include "admission/errors.h"
#include "admission/predicates/object_selector.h"
#include "kube/schema/object.h"

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

namespace {

kube::GroupVersionKind plain(const Kind& kind) {
  return {kind.group, kind.version, kind.kind};
}

}  // namespace

net::Task<kube::ApiResult<json::Value>> in_version(json::Value object, Kind from, Kind to, Shared& shared) {
  const auto registry = shared.registry.snapshot();
  const kube::ResourceInfo* resource = registry->find_kind(to.group, to.version, to.kind);
  if (resource && resource->definition && shared.convert) {
    auto converted = co_await shared.convert(std::move(object), plain(to));
    if (!converted) co_return fail_with(kube::internal_error(converted.error().message));
    co_return converted;
  }
  if (auto converted = kube::convert(object, plain(from), plain(to)); !converted)
    co_return fail_with(std::move(converted.error()));
  co_return object;
}

net::Task<kube::ApiResult<VersionedRequest>> versioned(const Match& match, const Attributes& attributes,
                                                       Shared& shared) {
  if (match.kind == attributes.kind) co_return VersionedRequest(attributes, match.kind, match.resource);
  std::pair<json::Value, json::Value> objects(attributes.object, attributes.old_object);
  for (json::Value* object : {&objects.first, &objects.second}) {
    if (!object->is_object()) continue;
    auto converted = co_await in_version(*object, attributes.kind, match.kind, shared);
    if (!converted) co_return fail_with(std::move(converted.error()));
    *object = std::move(*converted);
  }
  co_return VersionedRequest(attributes, match.kind, match.resource, std::move(objects));
}

kube::ApiResult<bool> selects(const Match& match, const Attributes& attributes, Shared& shared) {
  const Hook& hook = *match.hook;
  auto in_namespace = matches_namespace(hook.namespace_selector, attributes, shared.labels);
  if (!in_namespace || !*in_namespace) return in_namespace;
  return matches_object(hook.object_selector, attributes.object, attributes.old_object);
}

kube::ApiResult<bool> meets_conditions(const Match& match, const Attributes& attributes,
                                       const VersionedRequest& request, RequestValues& values, Shared& shared) {
  const Hook& hook = *match.hook;
  if (!hook.conditions) return true;
  RequestAuthorizer authorizer(attributes.user, shared.authorize);
  Inputs inputs{.object = &request.object(), .old_object = &request.old_object(), .attributes = &attributes};
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
