#include "apiserver/removal.h"

#include "apiserver/custom/definitions.h"
#include "apiserver/deletion.h"
#include "apiserver/lifecycle.h"
#include "apiserver/metadata.h"
#include "apiserver/stored.h"
#include "apiserver/write.h"

namespace gatepost::apiserver {
namespace {

kube::Status unmet(const Call& call, const std::string& why) {
  return kube::conflict(call.resource->group, call.resource->kind, call.info.name, why);
}

// The wishes about which object it has to be, before anything is done.
kube::ApiResult<void> check_preconditions(const Call& call, const json::Value& object, const storage::Object& present,
                                          const DeleteOptions& options) {
  std::string uid(json::string_at(object, {"metadata", "uid"})), version = std::to_string(present.revision);
  const std::string &wanted_uid = options.precondition_uid, &wanted_version = options.precondition_resource_version;
  if (!wanted_uid.empty() && wanted_uid != uid)
    return fail_with(unmet(call, "the UID in the precondition (" + wanted_uid + ") does not match the UID in record (" +
                                     uid + "). The object might have been deleted and then recreated"));
  if (!wanted_version.empty() && wanted_version != version)
    return fail_with(unmet(call, "the ResourceVersion in the precondition (" + wanted_version +
                                     ") does not match the ResourceVersion in record (" + version +
                                     "). The object might have been modified"));
  return {};
}

// Namespaces word it otherwise, and judge before their own state.
kube::ApiResult<void> check_namespace_preconditions(const Call& call, const json::Value& object,
                                                    const storage::Object& present, const DeleteOptions& options) {
  auto refuse = [&](const char* what, const std::string& wanted, const std::string& there) {
    return fail_with(kube::conflict("", "namespaces", call.info.name,
                                    std::string("Precondition failed: ") + what + " in precondition: " + wanted + ", " +
                                        what + " in object meta: " + there));
  };
  std::string uid(json::string_at(object, {"metadata", "uid"})), version = std::to_string(present.revision);
  if (!options.precondition_uid.empty() && options.precondition_uid != uid)
    return refuse("UID", options.precondition_uid, uid);
  if (!options.precondition_resource_version.empty() && options.precondition_resource_version != version)
    return refuse("ResourceVersion", options.precondition_resource_version, version);
  return {};
}

// One deletion under way: the steps share what was asked and who asks.
class Deletion {
 public:
  Deletion(Call& call, DeleteOptions options) : call_(call), options_(std::move(options)) {}

  // As often as somebody else writes in between.
  Handled<> run() {
    for (;;) {
      auto done = co_await attempt();
      if (!done) co_return fail_with(std::move(done.error()));
      if (done->has_value()) co_return std::move(**done);
    }
  }

 private:
  using Attempt = std::optional<Answer>;  // nothing: once more

  Handled<Attempt> attempt() {
    storage::Key key = key_of(*call_.resource, call_.info.ns, call_.info.name);
    auto present = call_.deps.store.get(key);
    if (!present)
      co_return fail_with(kube::not_found(call_.resource->group, call_.resource->resource, call_.info.name));
    auto object = co_await present_object(call_, *present);
    if (!object) co_return fail_with(std::move(object.error()));
    if (call_.resource->collection == "/namespaces") {
      if (auto met = check_namespace_preconditions(call_, *object, *present, options_); !met)
        co_return fail_with(std::move(met.error()));
      if (json::string_at(*object, {"metadata", "deletionTimestamp"}).empty())
        co_return co_await terminate_namespace(*object, *present);
      const json::Array* finalizers = json::array_at(*object, {"spec", "finalizers"});
      if (finalizers && !finalizers->empty()) co_return co_await unchanged(*present);
    }
    if (auto met = check_preconditions(call_, *object, *present, options_); !met)
      co_return fail_with(std::move(met.error()));
    co_return co_await remove(*object, *present);
  }

  // The first deletion of a namespace marks it; its contents go, and it last.
  Handled<Attempt> terminate_namespace(json::Value& object, const storage::Object& present) {
    if (auto admitted = co_await admit(object); !admitted) co_return fail_with(std::move(admitted.error()));
    metadata_of(object)["deletionTimestamp"] = rfc3339(call_.deps.now());
    json::Value& status = object.get_object()["status"];
    if (!status.is_object()) status.emplace_object();
    status.get_object()["phase"] = "Terminating";
    DeleteOptions dependents = options_;
    // Here `orphanDependents: false` means what it says.
    if (options_.orphan_dependents) {
      dependents.propagation_policy = *options_.orphan_dependents ? "Orphan" : "Foreground";
      dependents.orphan_dependents.reset();
    }
    set_collector_finalizers(object, *call_.resource, dependents);
    co_return co_await store_marked(object, present);
  }

  Handled<Attempt> remove(json::Value& object, const storage::Object& found) {
    storage::Object present = found;
    DeleteOptions options = options_;  // a further attempt asks anew
    const json::Value before = object;
    if (call_.resource->collection == kube::crd::collection) mark_definition_deleted(object, call_.deps.now());
    Grace grace = begin_grace(object, *call_.resource, options, call_.deps.now());
    if (grace == Grace::shortened) co_return finished(before);
    bool changes = set_collector_finalizers(object, *call_.resource, options);
    std::optional<Answer> marked;
    if (grace == Grace::given || has_finalizers(before) || changes) {
      if (auto admitted = co_await admit(before); !admitted) co_return fail_with(std::move(admitted.error()));
      bool held = has_finalizers(object);
      if (grace == Grace::none && held) mark_as_deleting(object, call_.deps.now());
      if (grace == Grace::given || held) {
        if (!held && *options.grace_period_seconds == 0) {
          auto written = co_await store_marked(object, present);
          if (!written || !written->has_value()) co_return written;
          if (options_.dry_run) co_return written;
          auto again = call_.deps.store.get(present.key);
          if (!again) co_return finished(object);  // somebody else was faster: it is gone as asked
          present = std::move(*again);
        } else if (object == before) {
          co_return co_await unchanged(present);
        } else {
          co_return co_await store_marked(object, present);
        }
      }
    }
    co_return co_await erase(object, present);
  }

  // Stores the marks and answers with the object as it is now.
  Handled<Attempt> store_marked(const json::Value& object, const storage::Object& present) {
    WriteOptions write;
    write.dry_run = options_.dry_run;
    auto answer = co_await store_change(call_, object, present, write);
    if (!answer && answer.error().reason == "Conflict") co_return Attempt{};
    if (!answer) co_return fail_with(std::move(answer.error()));
    // A deletion that is not done yet says so only to who asked for dependents to go first in the old words.
    if (options_.orphan_dependents && !*options_.orphan_dependents) answer->status = 202;
    co_return Attempt(std::move(*answer));
  }

  Handled<Attempt> erase(json::Value& object, const storage::Object& present) {
    if (auto admitted = co_await admit(object); !admitted) co_return fail_with(std::move(admitted.error()));
    if (options_.dry_run) co_return finished(object);
    std::string body;
    if (!answers_with_object(*call_.resource)) body = deleted_status(*call_.resource, object);
    json::Value last(object, call_.arena);
    if (auto converted = co_await into_storage_version(call_, last); !converted)
      co_return fail_with(std::move(converted.error()));
    storage::Encode print = [&last](storage::Revision at) { return encode(last, at); };
    auto removed = co_await call_.deps.store.remove(present.key, present.revision, std::move(print));
    if (!removed && removed.error().kind == storage::ErrorKind::conflict) co_return Attempt{};
    if (!removed) co_return fail_with(status_of(removed.error(), *call_.resource, call_.info.name));
    if (body.empty()) body = encode(object, removed->revision);
    co_return Attempt(json_answer(200, std::move(body)));
  }

  Handled<bool> admit(const json::Value& object) {
    if (options_.admitted) co_return true;
    admission::Attributes attributes = attributes_for(call_, admission::Operation::remove, json::Value(), object,
                                                      options_.as_object, options_.dry_run);
    if (auto allowed = check_namespace_lifecycle(call_, attributes); !allowed)
      co_return fail_with(std::move(allowed.error()));
    // What is deleted with a collection was not named by the request.
    if (call_.info.verb == "deletecollection") attributes.name.clear();
    if (auto admitted = co_await call_.deps.admission.mutate(attributes, call_.deadline, call_.trail); !admitted)
      co_return fail_with(std::move(admitted.error()));
    if (auto admitted = co_await call_.deps.admission.validate(attributes, call_.deadline, call_.trail); !admitted)
      co_return fail_with(std::move(admitted.error()));
    co_return true;
  }

  Attempt finished(const json::Value& object) const {
    return json_answer(200,
                       answers_with_object(*call_.resource) ? encode(object) : deleted_status(*call_.resource, object));
  }

  Handled<Attempt> unchanged(storage::Object present) {
    auto bytes = co_await served_bytes(call_, std::move(present));
    if (!bytes) co_return fail_with(std::move(bytes.error()));
    Answer answer;
    answer.bytes = std::move(*bytes);
    co_return Attempt(std::move(answer));
  }

  Call& call_;
  DeleteOptions options_;
};

}  // namespace

Handled<> remove_object(Call& call, DeleteOptions options) {
  // Jobs are the one kind of which the default surprises (pkg/registry/batch/job/storage).
  if (call.resource->collection == "batch/jobs" && options.propagation_policy.empty() && !options.orphan_dependents)
    call.trail.warnings.emplace_back(
        "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or "
        "set propagationPolicy=Orphan to suppress this warning");
  Deletion deletion(call, std::move(options));
  co_return co_await deletion.run();
}

}  // namespace gatepost::apiserver
