#include "apiserver/write.h"

#include <charconv>

#include "apiserver/addresses.h"
#include "apiserver/decode_body.h"
#include "apiserver/lifecycle.h"
#include "apiserver/managed_fields.h"
#include "apiserver/metadata.h"
#include "apiserver/owner_references.h"
#include "apiserver/param_access.h"
#include "apiserver/stored.h"
#include "json/parse.h"
#include "kube/schema/object.h"
#include "kube/validation/service.h"
#include "kube/validation/validate.h"

namespace gatepost::apiserver {
namespace {

bool is_rbac(const kube::ResourceInfo& resource) {
  return resource.group == "rbac.authorization.k8s.io";
}
bool is_service(const kube::ResourceInfo& resource) {
  return resource.collection == "/services";
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

// Where kube-apiserver keeps a resource under /registry; its texts name the place.
std::string registry_path(const kube::ResourceInfo& resource) {
  static constexpr std::pair<std::string_view, std::string_view> special[] = {
      {"/replicationcontrollers", "controllers"},
      {"/endpoints", "services/endpoints"},
      {"/nodes", "minions"},
      {"/services", "services/specs"},
      {"networking.k8s.io/ingresses", "ingress"},
  };
  for (const auto& [collection, path] : special)
    if (collection == resource.collection) return std::string(path);
  bool by_group = resource.group == "apiextensions.k8s.io" || resource.group == "apiregistration.k8s.io";
  return by_group ? resource.group + "/" + resource.resource : resource.resource;
}

kube::Status uid_mismatch(const Call& call, std::string_view wanted, std::string_view there) {
  std::string key = "/registry/" + registry_path(*call.resource);
  if (call.resource->namespaced) key += "/" + call.info.ns;
  key += "/" + call.info.name;
  return kube::conflict(call.resource->group, call.resource->resource, call.info.name,
                        "StorageError: invalid object, Code: 4, Key: " + key +
                            ", ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: " +
                            std::string(wanted) + ", UID in object meta: " + std::string(there));
}

kube::Status refused(const Call& call, const json::Value& object, const std::vector<kube::FieldError>& errors) {
  kube::GroupVersionKind kind = kind_of(call);
  // Named as the server has it inside: events of events.k8s.io are events of the core group.
  const std::string& group = kind.group == call.resource->group ? call.resource->storage_group : kind.group;
  return kube::invalid(group, kind.kind, json::string_at(object, {"metadata", "name"}), errors);
}

// A request whose time is up must not change anything any more: its client was told that it failed.
kube::ApiResult<void> still_in_time(const Call& call) {
  if (std::chrono::steady_clock::now() < call.deadline) return {};
  return fail_with(kube::timeout("request did not complete within the allotted timeout", 0));
}

// The resourceVersion that the client gave, as a number; 0 when it gave none.
kube::ApiResult<storage::Revision> given_version(const json::Value& object) {
  std::string_view text = json::string_at(object, {"metadata", "resourceVersion"});
  storage::Revision version = 0;
  if (text.empty()) return version;
  auto read = std::from_chars(text.data(), text.data() + text.size(), version);
  if (read.ec == std::errc{} && read.ptr == text.data() + text.size()) return version;
  return fail_with(kube::plain_error("strconv.ParseUint: parsing \"" + std::string(text) + "\": invalid syntax"));
}

// As BeforeUpdate of the generic registry: what the system set once stays, whatever the client sent. A uid or a
// deletion that the client makes up is for validation to refuse.
void keep_system_fields(json::Value& object, const json::Value& present) {
  json::Object& metadata = metadata_of(object);
  auto keep = [&](const char* field, bool only_when_missing) {
    const json::Value* old_value = json::find_path(present, {"metadata", field});
    if (old_value && !(only_when_missing && metadata.contains(field))) metadata[field] = *old_value;
  };
  if (json::string_at(object, {"metadata", "uid"}).empty()) keep("uid", false);
  keep("creationTimestamp", false);
  keep("deletionTimestamp", false);
  keep("deletionGracePeriodSeconds", true);
  metadata.erase("selfLink");
}

// Whether a change of what is being deleted lets it go: nothing holds it any more, and its grace is over.
bool lets_go(const json::Value& object, const json::Value& present) {
  if (json::string_at(present, {"metadata", "deletionTimestamp"}).empty()) return false;
  if (json::int_at(present, {"metadata", "deletionGracePeriodSeconds"}) != 0) return false;
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

// Before the strategy: addresses of Services, and nobody grants what they do not have themselves.
kube::ApiResult<void> begin_write(Call& call, json::Value& object, const json::Value* present) {
  if (is_service(*call.resource) && call.info.subresource.empty()) {
    if (auto errors = kube::settle_service(object, present); !errors.empty())
      return fail_with(refused(call, object, errors));
    if (auto errors = call.deps.addresses.allocate(object, present); !errors.empty())
      return fail_with(refused(call, object, errors));
  }
  return {};
}

kube::ApiResult<void> check_grants(Call& call, const json::Value& object) {
  if (!is_rbac(*call.resource)) return {};
  return call.deps.authorizer.may_grant(call.user, call.resource->resource, call.info.ns, object);
}

// What the refusal to make what is there already says beyond that.
kube::Status taken(const Call& call, const json::Value& object, const storage::Object* there) {
  std::string name(json::string_at(object, {"metadata", "name"}));
  kube::Status status = kube::already_exists(call.resource->group, call.resource->resource, name);
  if (!json::string_at(object, {"metadata", "generateName"}).empty()) {
    status.message += ", the server was not able to generate a unique name for the object";
    status.retry_after_seconds = 1;
  }
  // Only what is being deleted has the word at all, nearly.
  if (there && there->bytes->find("\"deletionTimestamp\"") != std::string::npos) {
    auto parsed = json::parse(*there->bytes, json::make_arena());
    if (parsed && !json::string_at(*parsed, {"metadata", "deletionTimestamp"}).empty())
      status.message = "object is being deleted: " + status.message;
  }
  return status;
}

// From admitted by the mutating webhooks to stored.
Handled<> create_admitted(Call& call, admission::Attributes& attributes, const WriteOptions& options) {
  if (auto granted = check_grants(call, attributes.object); !granted) co_return fail_with(std::move(granted.error()));
  set_system_fields(attributes.object, call);
  if (auto begun = begin_write(call, attributes.object, nullptr); !begun) co_return fail_with(std::move(begun.error()));
  if (auto agreed = agree_namespace(attributes.object, call); !agreed) co_return fail_with(std::move(agreed.error()));
  kube::prepare_for_create(attributes.object, *call.resource);
  auto errors = kube::validate_create(attributes.object, *call.resource);
  if (errors.empty()) errors = check_param_access(call, attributes.object, nullptr);
  if (!errors.empty()) co_return fail_with(refused(call, attributes.object, errors));
  for (std::string& warning : kube::warnings_for(attributes.object, *call.resource))
    call.trail.warnings.push_back(std::move(warning));

  attributes.name = json::string_at(attributes.object, {"metadata", "name"});
  if (auto admitted = co_await call.deps.admission.validate(attributes, call.deadline, call.trail); !admitted)
    co_return fail_with(std::move(admitted.error()));

  storage::Key key = key_of(*call.resource, call.info.ns, attributes.name);
  if (options.dry_run) {
    if (auto there = call.deps.store.get(key)) co_return fail_with(taken(call, attributes.object, &*there));
    co_return json_answer(201, encode(attributes.object));
  }
  // The store sets the version; a PUT that makes an object may name one, which then means nothing.
  auto version = given_version(attributes.object);
  if (version && *version != 0 && call.info.verb == "create")
    co_return fail_with(kube::plain_error("resourceVersion should not be set on objects to be created"));
  if (auto in_time = still_in_time(call); !in_time) co_return fail_with(std::move(in_time.error()));
  if (auto converted = co_await into_storage_version(call, attributes.object); !converted)
    co_return fail_with(std::move(converted.error()));
  json::Value& final_object = attributes.object;
  storage::Encode print = [&final_object](storage::Revision revision) { return encode(final_object, revision); };
  auto stored = co_await call.deps.store.create(std::move(key), std::move(print));
  if (!stored && stored.error().kind == storage::ErrorKind::exists) {
    auto there = call.deps.store.get(key_of(*call.resource, call.info.ns, attributes.name));
    co_return fail_with(taken(call, attributes.object, there ? &*there : nullptr));
  }
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
  drop_double_owners(call, object, Admitted::not_yet);

  admission::Attributes attributes = attributes_for(call, admission::Operation::create, std::move(object),
                                                    json::Value(), options.as_object, options.dry_run);
  if (auto allowed = check_namespace_lifecycle(call, attributes); !allowed)
    co_return fail_with(std::move(allowed.error()));
  if (auto admitted = co_await mutate_guarded(call, attributes); !admitted)
    co_return fail_with(std::move(admitted.error()));
  drop_double_owners(call, attributes.object, Admitted::by_mutation);

  give_name(call, attributes.object);
  co_return co_await create_admitted(call, attributes, options);
}

Handled<> store_change(Call& call, json::Value object, storage::Object present, const WriteOptions& options,
                       Removal removal) {
  if (options.dry_run) co_return json_answer(200, encode(std::as_const(object)));
  if (auto in_time = still_in_time(call); !in_time) co_return fail_with(std::move(in_time.error()));
  // Who takes the last finalizer gets the object of the request back, not its last state.
  std::string last = removal == Removal::yes ? encode(std::as_const(object)) : std::string();
  if (auto converted = co_await into_storage_version(call, object); !converted)
    co_return fail_with(std::move(converted.error()));
  json::Value& final_object = object;
  storage::Encode print = [&final_object](storage::Revision revision) { return encode(final_object, revision); };
  auto stored = removal == Removal::yes
                    ? co_await call.deps.store.remove(present.key, present.revision, std::move(print))
                    : co_await call.deps.store.update(present.key, present.revision, std::move(print));
  if (!stored) co_return fail_with(status_of(stored.error(), *call.resource, present.key.name));
  if (removal == Removal::yes) co_return json_answer(200, std::move(last));
  co_return co_await stored_answer(call, 200, *stored);
}

namespace {

// Admission, strategy and validation of one change; `object` is the client's, then what is to be stored.
Handled<bool> admit_change(Call& call, json::Value& object, const json::Value& old_object,
                           const storage::Object& present, const WriteOptions& options) {
  admission::Attributes attributes = attributes_for(call, admission::Operation::update, std::move(object), old_object,
                                                    options.as_object, options.dry_run);
  if (auto allowed = check_namespace_lifecycle(call, attributes); !allowed)
    co_return fail_with(std::move(allowed.error()));
  if (auto admitted = co_await mutate_guarded(call, attributes); !admitted)
    co_return fail_with(std::move(admitted.error()));
  drop_double_owners(call, attributes.object, Admitted::by_mutation);
  if (auto granted = check_grants(call, attributes.object); !granted) co_return fail_with(std::move(granted.error()));

  auto version = given_version(attributes.object);
  if (!version) co_return fail_with(std::move(version.error()));
  const bool conditional = *version != 0;
  if (!conditional && kube::update_is_conditional(*call.resource))
    co_return fail_with(kube::invalid(
        call.resource->group, call.resource->resource, call.info.name,
        {{"FieldValueInvalid", "metadata.resourceVersion", "Invalid value: 0: must be specified for an update"}}));
  if (conditional && *version != present.revision)
    co_return fail_with(
        kube::conflict(call.resource->group, call.resource->resource, call.info.name,
                       "the object has been modified; please apply your changes to the latest version and try again"));
  metadata_of(attributes.object)["resourceVersion"] = std::to_string(present.revision);
  if (auto begun = begin_write(call, attributes.object, &old_object); !begun)
    co_return fail_with(std::move(begun.error()));
  if (auto agreed = agree_namespace(attributes.object, call); !agreed) co_return fail_with(std::move(agreed.error()));
  kube::prepare_for_update(attributes.object, old_object, *call.resource, call.info.subresource);
  keep_system_fields(attributes.object, old_object);
  auto errors =
      kube::validate_update(attributes.object, old_object, *call.resource, call.info.subresource, &call.trail.warnings);
  if (errors.empty() && call.info.subresource.empty())
    errors = check_param_access(call, attributes.object, &old_object);
  if (!errors.empty()) co_return fail_with(refused(call, attributes.object, errors));
  for (std::string& warning : kube::warnings_for(attributes.object, *call.resource))
    call.trail.warnings.push_back(std::move(warning));
  if (auto admitted = co_await call.deps.admission.validate(attributes, call.deadline, call.trail); !admitted)
    co_return fail_with(std::move(admitted.error()));
  object = std::move(attributes.object);
  co_return true;
}

}  // namespace

Handled<> change_object(Call& call, Change change, WriteOptions options) {
  storage::Key key = key_of(*call.resource, call.info.ns, call.info.name);
  const admission::Trail before = call.trail;
  // As GuaranteedUpdate: a write that met another one is made again on the newer state, for as long as the request has
  // time. A PUT that insists on a version is refused then; a patch is applied anew.
  for (;;) {
    auto present = call.deps.store.get(key);
    if (!present) co_return fail_with(kube::not_found(call.resource->group, call.resource->resource, call.info.name));
    auto old_object = co_await present_object(call, *present);
    if (!old_object) co_return fail_with(std::move(old_object.error()));
    std::string_view uid = json::string_at(*old_object, {"metadata", "uid"});
    if (!options.precondition_uid.empty() && options.precondition_uid != uid)
      co_return fail_with(uid_mismatch(call, options.precondition_uid, uid));
    auto changed = change(*old_object);
    if (!changed) co_return fail_with(std::move(changed.error()));
    json::Value object = std::move(*changed);
    if (auto admitted = co_await admit_change(call, object, *old_object, *present, options); !admitted)
      co_return fail_with(std::move(admitted.error()));

    Removal removal = lets_go(object, *old_object) ? Removal::yes : Removal::no;
    // A write that changes nothing is not one: no new revision, no event.
    forget_new_times(object, *old_object);
    if (removal == Removal::no && json::equal(object, *old_object)) {
      auto bytes = co_await served_bytes(call, *present);
      if (!bytes) co_return fail_with(std::move(bytes.error()));
      Answer answer;
      answer.bytes = std::move(*bytes);
      co_return answer;
    }
    auto answer = co_await store_change(call, std::move(object), *present, options, removal);
    if (!answer && answer.error().reason == "Conflict") {
      call.trail = before;
      continue;
    }
    co_return answer;
  }
}

}  // namespace gatepost::apiserver
