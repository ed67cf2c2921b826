#include "apiserver/decode_body.h"
#include "apiserver/handlers.h"
#include "apiserver/managed_fields.h"
#include "apiserver/metadata.h"
#include "apiserver/options.h"
#include "apiserver/token_review.h"
#include "apiserver/write.h"

namespace gatepost::apiserver {

namespace {

kube::ApiResult<void> answer(const Call& call, json::Value& review) {
  if (call.resource->kind == "TokenReview") return answer_token_review(call.deps.authenticator, review);
  return call.deps.authorizer.review(call.user, call.resource->kind, review);
}

// The older way to bind: the pod is the one that the binding is named after.
Handled<> bind_named_pod(Call& call, const json::Value& binding) {
  call.info.name = json::string_at(binding, {"metadata", "name"});
  call.info.subresource = "binding";
  call.resource = call.registry->find("", "v1", "pods");
  call.subresource = call.resource->subresource("binding");
  return handle_subresource(call);
}

}  // namespace

Handled<> handle_virtual(Call& call) {
  auto options = read_write_options(call, "CreateOptions");
  if (!options) co_return fail_with(std::move(options.error()));
  auto object = decode_body(call, kind_of(call), options->field_validation);
  if (!object) co_return fail_with(std::move(object.error()));
  if (call.resource->namespaced)
    if (auto agreed = agree_namespace(*object, call); !agreed) co_return fail_with(std::move(agreed.error()));
  if (call.resource->kind == "Binding") co_return co_await bind_named_pod(call, *object);
  const std::string& kind = call.resource->kind;
  if (kind == "SelfSubjectReview")
    metadata_of(*object)["creationTimestamp"] = rfc3339(call.deps.now());
  else if (kind != "SelfSubjectRulesReview")
    track_fields(call, nullptr, *object, *options);
  admission::Attributes attributes = attributes_for(call, admission::Operation::create, std::move(*object),
                                                    json::Value(), options->as_object, options->dry_run);
  if (auto admitted = co_await call.deps.admission.mutate(attributes, call.deadline, call.trail); !admitted)
    co_return fail_with(std::move(admitted.error()));
  if (auto admitted = co_await call.deps.admission.validate(attributes, call.deadline, call.trail); !admitted)
    co_return fail_with(std::move(admitted.error()));
  if (auto reviewed = answer(call, attributes.object); !reviewed) co_return fail_with(std::move(reviewed.error()));
  co_return json_answer(201, encode(std::as_const(attributes.object)));
}

}  // namespace gatepost::apiserver
