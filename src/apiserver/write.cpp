#include "apiserver/write.h"

#include "apiserver/addresses.h"
#include "apiserver/decode_body.h"
#include "apiserver/lifecycle.h"
#include "apiserver/managed_fields.h"
#include "apiserver/metadata.h"
#include "apiserver/param_access.h"
#include "apiserver/stored.h"
#include "kube/schema/object.h"
#include "kube/validation/validate.h"

namespace gatepost::apiserver {
namespace {

bool is_rbac(const kube::ResourceInfo& resource) {
  return resource.group == "rbac.authorization.k8s.io";
}
bool is_service(const kube::ResourceInfo& resource) {
  return resource.collection == "/services";
}

storage::Bytes share(std::string bytes) {
  return std::make_shared<const std::string>(std::move(bytes));
}

// The object as the client sees it, from the tree that was just stored.
Handled<> stored_answer(Call& call, int status, const storage::Object& stored) {
  auto bytes = co_await served_bytes(call, stored);
  if (!bytes) co_return fail_with(std::move(bytes.error()));
  Answer answer;
  answer.status = status;
  answer.bytes = std::move(*bytes);
  co_return answer;
}

kube::Status refused(const Call& call, const json::Value& object, const std::vector<kube::FieldError>& errors) {
  kube::GroupVersionKind kind = kind_of(call);
  return kube::invalid(kind.group, kind.kind, json::string_at(object, {"metadata", "name"}), errors);
}

// A request whose time is up must not change anything any more: its client was told that it failed.
kube::ApiResult<void> still_in_time(const Call& call) {
  if (std::chrono::steady_clock::now() < call.deadline) return {};
  return fail_with(kube::timeout("request did not complete within the allotted timeout", 0));
}

// What the system owns stays as it was, whatever the client sent.
void keep_system_fields(json::Value& object, const json::Value& present) {
  json::Object& metadata = metadata_of(object);
  for (const char* field :
       {"uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"}) {
    const json::Value* old_value = json::find_path(present, {"metadata", field});
    const json::Value* given = metadata.if_contains(field);
    bool judged_later = std::string_view(field) == "uid" && given && given->is_string() && !given->get_string().empty();
    if (judged_later) continue;  // validation says that it is immutable
    if (old_value)
      metadata[field] = *old_value;
    else
      metadata.erase(field);
  }
}

bool last_finalizer_gone(const json::Value& object) {
  if (json::string_at(object, {"metadata", "deletionTimestamp"}).empty()) return false;
  if (json::int_at(object, {"metadata", "deletionGracePeriodSeconds"}) != 0) return false;
  const json::Array* finalizers = json::array_at(object, {"metadata", "finalizers"});
  if (finalizers && !finalizers->empty()) return false;
  const json::Array* namespace_finalizers = json::array_at(object, {"spec", "finalizers"});
  return json::string_at(object, {"kind"}) != "Namespace" || !namespace_finalizers || namespace_finalizers->empty();
}

// A generated name may be taken: kube-apiserver tries eight of them (RetryGenerateName). It finds out when it stores
// the object; we look before, so that no copy of the object need be kept for another try.
void give_name(Call& call, json::Value& object) {
  if (!json::string_at(object, {"metadata", "name"}).empty()) return;
  constexpr int attempts = 8;
  for (int attempt = 1; attempt <= attempts; ++attempt) {
    metadata_of(object).erase("name");
    generate_name(object);
    std::string_view name = json::string_at(object, {"metadata", "name"});
    if (name.empty() || !call.deps.store.get(key_of(*call.resource, call.info.ns, name))) return;
  }
}

// From admitted by the mutating webhooks to stored.
Handled<> create_admitted(Call& call, admission::Attributes& attributes, const WriteOptions& options) {
  set_system_fields(attributes.object, call);
  kube::prepare_for_create(attributes.object, *call.resource);
  auto errors = kube::validate_create(attributes.object, *call.resource);
  if (errors.empty()) errors = check_param_access(call, attributes.object, nullptr);
  if (!errors.empty()) co_return fail_with(refused(call, attributes.object, errors));
  if (is_service(*call.resource)) {
    if (auto taken = call.deps.addresses.allocate(attributes.object, nullptr); !taken.empty())
      co_return fail_with(refused(call, attributes.object, taken));
  }
  if (is_rbac(*call.resource)) {
    auto granted = call.deps.authorizer.may_grant(call.user, call.resource->resource, call.info.ns, attributes.object);
    if (!granted) co_return fail_with(std::move(granted.error()));
  }
  for (std::string& warning : kube::warnings_for(attributes.object, *call.resource))
    call.trail.warnings.push_back(std::move(warning));

  attributes.name = json::string_at(attributes.object, {"metadata", "name"});
  if (auto admitted = co_await call.deps.admission.validate(attributes, call.deadline, call.trail); !admitted)
    co_return fail_with(std::move(admitted.error()));

  storage::Key key = key_of(*call.resource, call.info.ns, attributes.name);
  if (options.dry_run) {
    if (call.deps.store.get(key))
      co_return fail_with(kube::already_exists(call.resource->group, call.resource->resource, attributes.name));
    co_return json_answer(201, encode(attributes.object));
  }
  if (auto in_time = still_in_time(call); !in_time) co_return fail_with(std::move(in_time.error()));
  if (auto converted = co_await into_storage_version(call, attributes.object); !converted)
    co_return fail_with(std::move(converted.error()));
  json::Value& final_object = attributes.object;
  storage::Encode print = [&final_object](storage::Revision revision) { return encode(final_object, revision); };
  auto stored = co_await call.deps.store.create(std::move(key), std::move(print));
  if (!stored) co_return fail_with(status_of(stored.error(), *call.resource, attributes.name));
  co_return co_await stored_answer(call, 201, *stored);
}

}  // namespace

admission::Attributes attributes_for(const Call& call, admission::Operation operation, json::Value object,
                                     json::Value old_object, const json::Value& options, bool dry_run) {
  kube::GroupVersionKind kind = kind_of(call);
  // Made with its objects: a value that is assigned to later would be copied out of the request's arena.
  std::string object_name(json::string_at(object, {"metadata", "name"}));
  admission::Attributes attributes{
      .object = std::move(object), .old_object = std::move(old_object), .options = options, .user = call.user};
  attributes.operation = operation;
  attributes.kind = {kind.group, kind.version, kind.kind};
  attributes.resource = {call.resource->group, call.resource->version, call.resource->resource};
  attributes.subresource = call.info.subresource;
  attributes.ns = call.resource->resource == "namespaces" && call.resource->group.empty()
                      ? (call.info.name.empty() ? object_name : call.info.name)
                      : call.info.ns;
  attributes.name = call.info.name.empty() ? std::move(object_name) : call.info.name;
  attributes.dry_run = dry_run;
  return attributes;
}

Handled<> create_object(Call& call, json::Value object, WriteOptions options) {
  wipe_system_fields(object);
  if (auto agreed = agree_namespace(object, call); !agreed) co_return fail_with(std::move(agreed.error()));

  admission::Attributes attributes = attributes_for(call, admission::Operation::create, std::move(object),
                                                    json::Value(), options.as_object, options.dry_run);
  if (auto allowed = check_namespace_lifecycle(call, attributes); !allowed)
    co_return fail_with(std::move(allowed.error()));
  if (auto admitted = co_await mutate_guarded(call, attributes); !admitted)
    co_return fail_with(std::move(admitted.error()));

  give_name(call, attributes.object);
  co_return co_await create_admitted(call, attributes, options);
}

Handled<> store_change(Call& call, json::Value object, storage::Object present, const WriteOptions& options) {
  bool removes = last_finalizer_gone(object);
  if (options.dry_run) {
    Answer answer;
    answer.bytes = share(encode(object));
    co_return answer;
  }
  if (auto in_time = still_in_time(call); !in_time) co_return fail_with(std::move(in_time.error()));
  if (auto converted = co_await into_storage_version(call, object); !converted)
    co_return fail_with(std::move(converted.error()));
  json::Value& final_object = object;
  storage::Encode print = [&final_object](storage::Revision revision) { return encode(final_object, revision); };
  auto stored = removes ? co_await call.deps.store.remove(present.key, present.revision, std::move(print))
                        : co_await call.deps.store.update(present.key, present.revision, std::move(print));
  if (!stored) co_return fail_with(status_of(stored.error(), *call.resource, present.key.name));
  co_return co_await stored_answer(call, 200, *stored);
}

Handled<> change_object(Call& call, Change change, WriteOptions options) {
  storage::Key key = key_of(*call.resource, call.info.ns, call.info.name);
  // As GuaranteedUpdate: an unconditional write that met another one is made again on the newer state.
  for (int attempt = 0;; ++attempt) {
    auto present = call.deps.store.get(key);
    if (!present) co_return fail_with(kube::not_found(call.resource->group, call.resource->resource, call.info.name));
    auto old_object = co_await present_object(call, *present);
    if (!old_object) co_return fail_with(std::move(old_object.error()));
    auto changed = change(*old_object);
    if (!changed) co_return fail_with(std::move(changed.error()));
    json::Value object = std::move(*changed);

    std::string_view wanted = json::string_at(object, {"metadata", "resourceVersion"});
    bool conditional = !wanted.empty() && wanted != "0";
    if (conditional && wanted != std::to_string(present->revision))
      co_return fail_with(kube::conflict(
          call.resource->group, call.resource->resource, call.info.name,
          "the object has been modified; please apply your changes to the latest version and try again"));
    metadata_of(object)["resourceVersion"] = std::to_string(present->revision);
    if (auto agreed = agree_namespace(object, call); !agreed) co_return fail_with(std::move(agreed.error()));
    keep_system_fields(object, *old_object);

    admission::Attributes attributes = attributes_for(call, admission::Operation::update, std::move(object),
                                                      *old_object, options.as_object, options.dry_run);
    if (auto allowed = check_namespace_lifecycle(call, attributes); !allowed)
      co_return fail_with(std::move(allowed.error()));
    if (auto admitted = co_await mutate_guarded(call, attributes); !admitted)
      co_return fail_with(std::move(admitted.error()));
    kube::prepare_for_update(attributes.object, *old_object, *call.resource, call.info.subresource);
    auto errors = kube::validate_update(attributes.object, *old_object, *call.resource, call.info.subresource,
                                        &call.trail.warnings);
    if (errors.empty() && call.info.subresource.empty())
      errors = check_param_access(call, attributes.object, &*old_object);
    if (!errors.empty()) co_return fail_with(refused(call, attributes.object, errors));
    if (is_service(*call.resource) && call.info.subresource.empty()) {
      if (auto taken = call.deps.addresses.allocate(attributes.object, &*old_object); !taken.empty())
        co_return fail_with(refused(call, attributes.object, taken));
    }
    if (is_rbac(*call.resource)) {
      auto granted =
          call.deps.authorizer.may_grant(call.user, call.resource->resource, call.info.ns, attributes.object);
      if (!granted) co_return fail_with(std::move(granted.error()));
    }
    for (std::string& warning : kube::warnings_for(attributes.object, *call.resource))
      call.trail.warnings.push_back(std::move(warning));
    if (auto admitted = co_await call.deps.admission.validate(attributes, call.deadline, call.trail); !admitted)
      co_return fail_with(std::move(admitted.error()));

    // A write that changes nothing is not one: no new revision, no event.
    forget_new_times(attributes.object, *old_object);
    if (attributes.object == *old_object && !last_finalizer_gone(attributes.object)) {
      auto bytes = co_await served_bytes(call, *present);
      if (!bytes) co_return fail_with(std::move(bytes.error()));
      Answer answer;
      answer.bytes = std::move(*bytes);
      co_return answer;
    }
    auto answer = co_await store_change(call, std::move(attributes.object), *present, options);
    constexpr int attempts = 5;
    if (!answer && answer.error().reason == "Conflict" && !conditional && attempt + 1 < attempts) {
      call.trail = {};
      continue;
    }
    co_return answer;
  }
}

}  // namespace gatepost::apiserver
