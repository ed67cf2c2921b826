#include <array>

#include "kube/crd/object.h"
#include "kube/schema/default_hooks.h"
#include "kube/schema/object.h"
#include "kube/schema/prepare_kinds.h"
#include "kube/schema/prepare_strategy.h"

namespace gatepost::kube {
namespace {

struct KindHooks {
  std::string_view group, kind;
  void (*create)(json::Object&) = nullptr;
  void (*update)(const Update&) = nullptr;
  void (*updated)(const Update&) = nullptr;  // after the row of the table
};

constexpr auto kind_hooks = std::to_array<KindHooks>({
    {"", "Pod", prepare_new_pod, prepare_pod_update},
    {"", "Service", nullptr, prepare_service_update},
    {"", "Namespace", prepare_new_namespace, prepare_namespace_update},
    {"", "Secret", nullptr, prepare_secret_update},
    {"", "ServiceAccount", clean_secret_references, [](const Update& u) { clean_secret_references(u.object); }},
    {"", "PersistentVolume", prepare_new_volume, prepare_volume_update},
    {"", "PersistentVolumeClaim", prepare_new_claim, prepare_claim_update},
    {"", "Node", prepare_new_node},
    {"storage.k8s.io", "VolumeAttributesClass", prepare_new_attributes_class},
    {"apps", "DaemonSet", prepare_new_daemon_set, prepare_daemon_set_update},
    {"autoscaling", "HorizontalPodAutoscaler", prepare_new_autoscaler},
    {"batch", "Job", prepare_new_job},
    {"certificates.k8s.io", "CertificateSigningRequest", nullptr, prepare_request_update},
    {"apiextensions.k8s.io", "CustomResourceDefinition", prepare_new_definition, nullptr, prepare_definition_update},
    {"apiregistration.k8s.io", "APIService", prepare_new_api_service},
});

const KindHooks* hooks_of(const ResourceInfo& resource) {
  for (const KindHooks& hooks : kind_hooks)
    if (hooks.kind == resource.kind && hooks.group == resource.group) return &hooks;
  return nullptr;
}

// Only they can hold a pod's spec.
bool holds_pods(const ResourceInfo& resource) {
  return resource.group == "apps" || resource.group == "batch" ||
         (resource.group.empty() &&
          (resource.kind == "Pod" || resource.kind == "PodTemplate" || resource.kind == "ReplicationController"));
}

void take_over(json::Object& object, const json::Object& old_object, std::string_view key) {
  if (const json::Value* old_value = old_object.if_contains(key))
    object[key] = *old_value;
  else
    object.erase(key);
}

const json::Value* at_path(const json::Object& object, const std::vector<std::string>& path) {
  const json::Object* inside = &object;
  const json::Value* value = nullptr;
  for (const std::string& segment : path) {
    if (!inside) return nullptr;
    value = inside->if_contains(segment);
    if (!value) return nullptr;
    inside = value->if_object();
  }
  return value;
}

// As Kubernetes compares: nothing, an empty list and an empty map are one.
bool is_nothing(const json::Value* value) {
  return !value || value->is_null() || (value->is_array() && value->get_array().empty()) ||
         (value->is_object() && value->get_object().empty());
}

bool same(const json::Value* left, const json::Value* right) {
  if (is_nothing(left) || is_nothing(right)) return is_nothing(left) && is_nothing(right);
  return *left == *right;
}

void count_generation(json::Object& object, const json::Object& old_object, const Strategy& strategy) {
  for (const std::vector<std::string>& path : strategy.watched) {
    if (same(at_path(object, path), at_path(old_object, path))) continue;
    const json::Value* before = at_path(old_object, {"metadata", "generation"});
    std::int64_t generation = before && before->is_int64() ? before->get_int64() : 0;
    made_object(object, "metadata")["generation"] = generation + 1;
    return;
  }
}

// An update of /status leaves the spec and some of the metadata.
void keep_for_status(json::Object& object, const json::Object& old_object, const Strategy& strategy) {
  take_over(object, old_object, "spec");
  const json::Value* old_value = old_object.if_contains("metadata");
  const json::Object* old_metadata = old_value ? old_value->if_object() : nullptr;
  if (!old_metadata) return;
  json::Object& metadata = made_object(object, "metadata");
  for (const std::string& field : strategy.kept_metadata) take_over(metadata, *old_metadata, field);
  if (!strategy.keeps_all_metadata) return;
  json::Object kept(*old_metadata, object.storage());
  if (const json::Value* managed = metadata.if_contains("managedFields")) kept["managedFields"] = *managed;
  metadata = std::move(kept);
}

}  // namespace

void prepare_for_create(json::Value& value, const ResourceInfo& resource) {
  if (!value.is_object()) return;
  if (resource.definition) return crd::prepare_for_create(value, resource);
  json::Object& object = value.get_object();
  const Strategy* strategy = strategy_of(resource.group, resource.kind);
  if (strategy) {
    if (strategy->first_generation) made_object(object, "metadata")["generation"] = 1;
    if (strategy->status == Strategy::Status::made) object["status"] = strategy->first_status;
  }
  if (holds_pods(resource)) drop_disabled_fields(object);
  const KindHooks* hooks = hooks_of(resource);
  if (hooks && hooks->create) hooks->create(object);
}

void prepare_for_update(json::Value& value, const json::Value& old_value, const ResourceInfo& resource,
                        std::string_view subresource, std::chrono::system_clock::time_point now) {
  if (!value.is_object() || !old_value.is_object()) return;
  if (resource.definition) return crd::prepare_for_update(value, old_value, resource, subresource);
  Update update{value.get_object(), old_value.get_object(), subresource, now};
  if (const json::Value* metadata = update.old_object.if_contains("metadata"); metadata && metadata->is_object())
    take_over(made_object(update.object, "metadata"), metadata->get_object(), "generation");
  if (holds_pods(resource)) drop_disabled_fields(update.object);
  const Strategy* strategy = strategy_of(resource.group, resource.kind);
  if (strategy && strategy->status != Strategy::Status::none) {
    if (subresource == "status")
      keep_for_status(update.object, update.old_object, *strategy);
    else if (subresource != "approval")
      take_over(update.object, update.old_object, "status");
  }
  const KindHooks* hooks = hooks_of(resource);
  if (hooks && hooks->update) hooks->update(update);
  if (strategy && subresource != "status") count_generation(update.object, update.old_object, *strategy);
  if (hooks && hooks->updated) hooks->updated(update);
}

bool update_creates(const ResourceInfo& resource) {
  const Strategy* strategy = strategy_of(resource.group, resource.kind);
  return strategy && strategy->creates_on_update;
}

bool update_is_conditional(const ResourceInfo& resource) {
  if (resource.definition) return true;
  const Strategy* strategy = strategy_of(resource.group, resource.kind);
  return strategy && strategy->conditional_update;
}

}  // namespace gatepost::kube
