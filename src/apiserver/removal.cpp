#include "apiserver/removal.h"

#include <algorithm>
#include <array>

#include "apiserver/custom/definitions.h"
#include "apiserver/lifecycle.h"
#include "apiserver/metadata.h"
#include "apiserver/stored.h"
#include "apiserver/write.h"
#include "json/write.h"

namespace gatepost::apiserver {
namespace {

// Kinds whose deletion answers with the object (ReturnDeletedObject in their registries); all others with a Status.
bool answers_with_object(const kube::ResourceInfo& resource) {
  static constexpr std::array<std::string_view, 7> kinds{
      "/pods",         "/services",       "/persistentvolumes", "/persistentvolumeclaims",
      "/podtemplates", "/resourcequotas", "/serviceaccounts"};
  return std::find(kinds.begin(), kinds.end(), resource.collection) != kinds.end();
}

std::string deleted_status(const kube::ResourceInfo& resource, const json::Value& object) {
  std::string out = R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success","details":{"name":)";
  json::write_string(json::string_at(object, {"metadata", "name"}), out);
  if (!resource.group.empty()) {
    out += ",\"group\":";
    json::write_string(resource.group, out);
  }
  out += ",\"kind\":";
  json::write_string(resource.resource, out);
  out += ",\"uid\":";
  json::write_string(json::string_at(object, {"metadata", "uid"}), out);
  return out + "}}";
}

// Seconds of grace: pods have them while they may run somewhere, everything else goes at once.
std::int64_t grace_seconds(const kube::ResourceInfo& resource, const json::Value& object,
                           const DeleteOptions& options) {
  if (resource.collection != "/pods") return 0;
  std::int64_t grace =
      options.grace_period_seconds.value_or(json::int_at(object, {"spec", "terminationGracePeriodSeconds"}, 30));
  std::string_view phase = json::string_at(object, {"status", "phase"});
  bool runs_nowhere =
      json::string_at(object, {"spec", "nodeName"}).empty() || phase == "Failed" || phase == "Succeeded";
  return runs_nowhere ? 0 : std::max<std::int64_t>(grace, 0);
}

void add_finalizer(json::Value& object, std::string_view name) {
  json::Value& finalizers = metadata_of(object)["finalizers"];
  if (!finalizers.is_array()) finalizers.emplace_array();
  json::Array& list = finalizers.get_array();
  bool there = std::any_of(list.begin(), list.end(), [&](const json::Value& value) {
    return value.is_string() && json::view(value.get_string()) == name;
  });
  if (!there) list.emplace_back(name);
}

// Marks the object as being deleted; false when it already is and nothing changes.
bool mark(json::Value& object, const Call& call, std::int64_t grace) {
  json::Object& metadata = metadata_of(object);
  if (metadata.contains("deletionTimestamp")) {
    if (json::int_at(object, {"metadata", "deletionGracePeriodSeconds"}) <= grace) return false;
  }
  metadata["deletionTimestamp"] = rfc3339(call.deps.now() + std::chrono::seconds(grace));
  metadata["deletionGracePeriodSeconds"] = grace;
  if (const json::Value* generation = metadata.if_contains("generation"); generation && generation->is_int64())
    metadata["generation"] = generation->get_int64() + 1;
  if (json::string_at(object, {"kind"}) == "Namespace") {
    json::Value& status = object.get_object()["status"];
    if (!status.is_object()) status.emplace_object();
    status.get_object()["phase"] = "Terminating";
  }
  return true;
}

bool is_held(const json::Value& object) {
  const json::Array* finalizers = json::array_at(object, {"metadata", "finalizers"});
  if (finalizers && !finalizers->empty()) return true;
  const json::Array* of_namespace = json::array_at(object, {"spec", "finalizers"});
  return json::string_at(object, {"kind"}) == "Namespace" && of_namespace && !of_namespace->empty();
}

}  // namespace

Handled<> remove_object(Call& call, DeleteOptions options) {
  storage::Key key = key_of(*call.resource, call.info.ns, call.info.name);
  for (;;) {
    auto present = call.deps.store.get(key);
    if (!present) co_return fail_with(kube::not_found(call.resource->group, call.resource->resource, call.info.name));
    auto read = co_await present_object(call, *present);
    if (!read) co_return fail_with(std::move(read.error()));
    json::Value object = std::move(*read);

    std::string_view uid = json::string_at(object, {"metadata", "uid"});
    if (!options.precondition_uid.empty() && options.precondition_uid != uid)
      co_return fail_with(kube::conflict(call.resource->group, call.resource->resource, call.info.name,
                                         "Precondition failed: UID in precondition: " + options.precondition_uid +
                                             ", UID in object meta: " + std::string(uid)));
    std::string revision = std::to_string(present->revision);
    if (!options.precondition_resource_version.empty() && options.precondition_resource_version != revision)
      co_return fail_with(kube::conflict(
          call.resource->group, call.resource->resource, call.info.name,
          "Precondition failed: ResourceVersion in precondition: " + options.precondition_resource_version +
              ", ResourceVersion in object meta: " + revision));
    if (!options.admitted) {
      admission::Attributes attributes =
          attributes_for(call, admission::Operation::remove, json::Value(), object, options.as_object, options.dry_run);
      if (auto allowed = check_namespace_lifecycle(call, attributes); !allowed)
        co_return fail_with(std::move(allowed.error()));
      if (auto admitted = co_await call.deps.admission.mutate(attributes, call.deadline, call.trail); !admitted)
        co_return fail_with(std::move(admitted.error()));
      if (auto admitted = co_await call.deps.admission.validate(attributes, call.deadline, call.trail); !admitted)
        co_return fail_with(std::move(admitted.error()));
      options.admitted = true;
    }

    if (options.propagation_policy == "Foreground") add_finalizer(object, "foregroundDeletion");
    if (options.propagation_policy == "Orphan") add_finalizer(object, "orphan");
    if (call.resource->collection == kube::crd::collection) mark_definition_deleted(object, call.deps.now());
    std::int64_t grace = grace_seconds(*call.resource, object, options);
    bool stays = grace > 0 || is_held(object);
    if (stays) {
      WriteOptions write;
      write.dry_run = options.dry_run;
      if (!mark(object, call, grace)) {
        Answer answer;
        auto bytes = co_await served_bytes(call, *present);
        if (!bytes) co_return fail_with(std::move(bytes.error()));
        answer.bytes = std::move(*bytes);
        co_return answer;
      }
      auto answer = co_await store_change(call, std::move(object), *present, write);
      if (!answer && answer.error().reason == "Conflict") continue;
      co_return answer;
    }

    std::string body = answers_with_object(*call.resource) ? encode(object) : deleted_status(*call.resource, object);
    if (options.dry_run) co_return json_answer(200, std::move(body));
    if (auto converted = co_await into_storage_version(call, object); !converted)
      co_return fail_with(std::move(converted.error()));
    json::Value& last = object;
    storage::Encode print = [&last](storage::Revision at) { return encode(last, at); };
    auto removed = co_await call.deps.store.remove(key, present->revision, std::move(print));
    if (!removed && removed.error().kind == storage::ErrorKind::conflict) continue;
    if (!removed) co_return fail_with(status_of(removed.error(), *call.resource, call.info.name));
    co_return json_answer(200, std::move(body));
  }
}

}  // namespace gatepost::apiserver
