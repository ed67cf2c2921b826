#include "apiserver/deletion.h"

#include <algorithm>
#include <array>

#include "apiserver/metadata.h"
#include "json/write.h"

namespace gatepost::apiserver {
namespace {

constexpr std::string_view orphan = "orphan", foreground = "foregroundDeletion";

void count_generation(json::Value& object) {
  json::Value* generation = metadata_of(object).if_contains("generation");
  if (generation && generation->is_int64() && generation->get_int64() > 0) *generation = generation->get_int64() + 1;
}

bool is_deleting(const json::Value& object) {
  return !json::string_at(object, {"metadata", "deletionTimestamp"}).empty();
}

// How long a pod may take: what the options or its spec say; nothing where it does not run.
std::int64_t pod_grace(const json::Value& pod, const DeleteOptions& options) {
  std::int64_t seconds =
      options.grace_period_seconds.value_or(json::int_at(pod, {"spec", "terminationGracePeriodSeconds"}, 0));
  std::string_view phase = json::string_at(pod, {"status", "phase"});
  bool runs = !json::string_at(pod, {"spec", "nodeName"}).empty() && phase != "Failed" && phase != "Succeeded";
  if (!runs) return 0;
  return seconds < 0 ? 1 : seconds;
}

// A second deletion may only shorten the grace of the first one.
Grace shorten_grace(json::Value& pod, DeleteOptions& options, WallTime now) {
  std::int64_t had = json::int_at(pod, {"metadata", "deletionGracePeriodSeconds"});
  if (had < 0) had = 1;
  if (had == 0) return Grace::none;
  if (!options.grace_period_seconds || *options.grace_period_seconds >= had) {
    if (!options.grace_period_seconds) options.grace_period_seconds = had;
    return Grace::shortened;
  }
  std::int64_t seconds = *options.grace_period_seconds;
  auto due = parse_rfc3339(json::string_at(pod, {"metadata", "deletionTimestamp"}));
  WallTime until = due ? *due - std::chrono::seconds(had) + std::chrono::seconds(seconds) : now;
  if (until < now) {
    until = now;
    // What was to be graceful stays so, if only for a moment: somebody else sends the final deletion.
    if (seconds != 0) seconds = 1;
  }
  json::Object& metadata = metadata_of(pod);
  metadata["deletionTimestamp"] = rfc3339(until);
  metadata["deletionGracePeriodSeconds"] = seconds;
  return Grace::given;
}

// What happens to what an object owns when nobody says: the first API versions of these two left it alone.
bool orphans_by_default(const kube::ResourceInfo& resource) {
  return resource.collection == "batch/jobs" || resource.collection == "/replicationcontrollers";
}

struct Wanted {
  bool orphan = false, foreground = false;
};

Wanted wanted_finalizers(const json::Value& object, const kube::ResourceInfo& resource, const DeleteOptions& options) {
  if (resource.resource == "events") return {};
  if (options.orphan_dependents) return {*options.orphan_dependents, false};
  if (!options.propagation_policy.empty())
    return {options.propagation_policy == "Orphan", options.propagation_policy == "Foreground"};
  if (const json::Array* finalizers = json::array_at(object, {"metadata", "finalizers"}))
    for (const json::Value& finalizer : *finalizers) {
      if (finalizer == json::Value(orphan)) return {true, false};
      if (finalizer == json::Value(foreground)) return {false, true};
    }
  return {orphans_by_default(resource), false};
}

}  // namespace

bool answers_with_object(const kube::ResourceInfo& resource) {
  static constexpr std::array<std::string_view, 13> collections{"/namespaces",
                                                                "/persistentvolumeclaims",
                                                                "/persistentvolumes",
                                                                "/pods",
                                                                "/podtemplates",
                                                                "/resourcequotas",
                                                                "/serviceaccounts",
                                                                "/services",
                                                                "storage.k8s.io/csidrivers",
                                                                "storage.k8s.io/csinodes",
                                                                "storage.k8s.io/storageclasses",
                                                                "storage.k8s.io/volumeattachments",
                                                                "storage.k8s.io/volumeattributesclasses"};
  return resource.group == "resource.k8s.io" ||
         std::binary_search(collections.begin(), collections.end(), resource.collection);
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

Grace begin_grace(json::Value& object, const kube::ResourceInfo& resource, DeleteOptions& options, WallTime now) {
  if (options.grace_period_seconds && *options.grace_period_seconds < 0) options.grace_period_seconds = 1;
  if (resource.collection != "/pods") return Grace::none;
  if (is_deleting(object)) return shorten_grace(object, options, now);
  std::int64_t seconds = pod_grace(object, options);
  options.grace_period_seconds = seconds;
  count_generation(object);
  json::Object& metadata = metadata_of(object);
  metadata["deletionTimestamp"] = rfc3339(now + std::chrono::seconds(seconds));
  metadata["deletionGracePeriodSeconds"] = seconds;
  return Grace::given;
}

bool set_collector_finalizers(json::Value& object, const kube::ResourceInfo& resource, const DeleteOptions& options) {
  Wanted wanted = wanted_finalizers(object, resource, options);
  json::Object& metadata = metadata_of(object);
  json::Array kept(object.storage());
  bool had_orphan = false, had_foreground = false;
  if (json::Value* finalizers = metadata.if_contains("finalizers"); finalizers && finalizers->is_array())
    for (json::Value& finalizer : finalizers->get_array()) {
      if (finalizer == json::Value(orphan))
        had_orphan = true;
      else if (finalizer == json::Value(foreground))
        had_foreground = true;
      else
        kept.push_back(finalizer);
    }
  if (had_orphan == wanted.orphan && had_foreground == wanted.foreground) return false;
  if (wanted.orphan) kept.emplace_back(orphan);
  if (wanted.foreground) kept.emplace_back(foreground);
  if (kept.empty())
    metadata.erase("finalizers");
  else
    metadata["finalizers"] = std::move(kept);
  return true;
}

void mark_as_deleting(json::Value& object, WallTime now) {
  bool first = !is_deleting(object);
  if (first) count_generation(object);
  auto due = parse_rfc3339(json::string_at(object, {"metadata", "deletionTimestamp"}));
  json::Object& metadata = metadata_of(object);
  if (first || (due && *due > now)) metadata["deletionTimestamp"] = rfc3339(now);
  metadata["deletionGracePeriodSeconds"] = 0;
}

bool has_finalizers(const json::Value& object) {
  const json::Array* finalizers = json::array_at(object, {"metadata", "finalizers"});
  return finalizers && !finalizers->empty();
}

}  // namespace gatepost::apiserver
