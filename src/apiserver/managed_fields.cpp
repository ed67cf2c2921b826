#include "apiserver/managed_fields.h"

#include "apiserver/decode_body.h"
#include "apiserver/metadata.h"
#include "kube/apply/field_manager.h"
#include "kube/apply/manager_name.h"
#include "kube/schema/object.h"

namespace gatepost::apiserver {
namespace {

const json::Value* managed_fields_of(const json::Value& object) {
  return json::find_path(object, {"metadata", "managedFields"});
}

}  // namespace

kube::apply::TypedKind typed_kind_of(const Call& call) {
  kube::GroupVersionKind kind = kind_of(call);
  const bool own = kind.kind == call.resource->kind && kind.group == call.resource->group;
  return {std::move(kind), own ? call.resource->definition.get() : nullptr};
}

void spell_out_reset(json::Value& object) {
  const json::Array* managed = json::array_at(object, {"metadata", "managedFields"});
  if (managed && managed->empty()) metadata_of(object)["managedFields"].get_array().emplace_back(json::Object());
}

void track_fields(const Call& call, const json::Value* live, json::Value& object, const WriteOptions& options) {
  kube::apply::Writer writer{typed_kind_of(call), call.info.subresource, options.field_manager, call.deps.now()};
  if (writer.manager.empty()) writer.manager = kube::apply::manager_of_user_agent(call.http.headers.get("User-Agent"));
  kube::apply::track_update(live, object, writer);
}

void set_managed_fields(json::Value& object, json::Value managed) {
  if (managed.is_null())
    metadata_of(object).erase("managedFields");
  else
    metadata_of(object)["managedFields"] = std::move(managed);
}

Handled<void> mutate_guarded(Call& call, admission::Attributes& attributes) {
  if (call.info.subresource.empty()) kube::set_admission_defaults(attributes.object, kind_of(call));
  if (!call.deps.admission.may_mutate(attributes))
    co_return co_await call.deps.admission.mutate(attributes, call.deadline, call.trail);
  const json::Value* present = managed_fields_of(attributes.object);
  json::Value before = present ? *present : json::Value();
  auto admitted = co_await call.deps.admission.mutate(attributes, call.deadline, call.trail);
  if (!admitted) co_return admitted;
  const json::Value* after = managed_fields_of(attributes.object);
  if (!after || json::equal(*after, before)) co_return kube::ApiResult<void>();
  std::string why = kube::apply::unreadable_managed_fields(attributes.object);
  if (why.empty()) co_return kube::ApiResult<void>();
  set_managed_fields(attributes.object, std::move(before));
  call.trail.warnings.push_back(
      ".metadata.managedFields was in an invalid state after admission; this could be caused by an outdated mutating "
      "admission controller; please fix your requests: " +
      why);
  co_return kube::ApiResult<void>();
}

void forget_new_times(json::Value& object, const json::Value& live) {
  const json::Value *made = managed_fields_of(object), *present = managed_fields_of(live);
  if (!made || !present || json::equal(*made, *present) || !kube::apply::equal_but_times(*made, *present)) return;
  json::Value& managed = metadata_of(object)["managedFields"];
  json::Value given = std::move(managed);
  managed = *present;
  if (!json::equal(object, live)) managed = std::move(given);
}

}  // namespace gatepost::apiserver
