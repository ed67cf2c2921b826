#include "kube/schema/prepare_kinds.h"

#include <algorithm>
#include <optional>

#include "base/time.h"
#include "kube/schema/default_hooks.h"

namespace gatepost::kube {
namespace {

json::Array& made_array(json::Object& object, std::string_view key) {
  json::Value* present = object.if_contains(key);
  json::Value& value = present ? *present : object[key];
  if (!value.is_array()) value.emplace_array();
  return value.get_array();
}

bool holds(const json::Array& list, std::string_view text) {
  return std::any_of(list.begin(), list.end(), [&](const json::Value& item) {
    return item.is_string() && json::view(item.get_string()) == text;
  });
}

void add_once(json::Object& object, std::string_view key, std::string_view text) {
  json::Array& list = made_array(object, key);
  if (!holds(list, text)) list.emplace_back(text);
}

const json::Object* old_spec_of(const Update& update) {
  const json::Value* spec = update.old_object.if_contains("spec");
  return spec ? spec->if_object() : nullptr;
}

// dataSource and the newer dataSourceRef say the same; other kinds than claims and snapshots need the newer one.
void data_sources(json::Object& spec) {
  json::Object* reference = object_of(spec, "dataSourceRef");
  json::Object* source = object_of(spec, "dataSource");
  auto copy = [&](const json::Object& from, std::string_view to) {
    json::Object made(spec.storage());
    for (const char* field : {"apiGroup", "kind", "name"})
      if (const json::Value* value = from.if_contains(field)) made.emplace(field, *value);
    spec[to] = std::move(made);
  };
  if (source && !reference)
    copy(*source, "dataSourceRef");
  else if (reference && !source && text_of(*reference, "namespace").empty())
    copy(*reference, "dataSource");
}

void drop_other_data_source(json::Object& spec) {
  json::Object* source = object_of(spec, "dataSource");
  if (!source || spec.contains("dataSourceRef")) return;
  std::string_view kind = text_of(*source, "kind"), group = text_of(*source, "apiGroup");
  bool known = (kind == "PersistentVolumeClaim" && group.empty()) ||
               (kind == "VolumeSnapshot" && group == "snapshot.storage.k8s.io");
  if (!known) spec.erase("dataSource");
}

std::optional<std::string> storage_version_of(json::Object& definition) {
  json::Object* spec = object_of(definition, "spec");
  json::Array* versions = spec ? array_of(*spec, "versions") : nullptr;
  if (!versions) return std::nullopt;
  for (const json::Value& version : *versions)
    if (json::bool_at(version, {"storage"})) return std::string(json::string_at(version, {"name"}));
  return std::nullopt;
}

const json::Array* conditions_of(const json::Object& object) {
  const json::Value* status = object.if_contains("status");
  return status ? json::array_at(*status, {"conditions"}) : nullptr;
}

std::vector<std::size_t> conditions_of_type(const json::Array* conditions, std::string_view type) {
  std::vector<std::size_t> at;
  for (std::size_t i = 0; conditions && i < conditions->size(); ++i)
    if (json::string_at((*conditions)[i], {"type"}) == type) at.push_back(i);
  return at;
}

// Approvals are made by /approval alone.
void keep_approvals(json::Object& object, const json::Array* old_conditions) {
  json::Object* status = object_of(object, "status");
  json::Array* conditions = status ? array_of(*status, "conditions") : nullptr;
  if (!conditions || !old_conditions) return;
  for (const char* type : {"Approved", "Denied"}) {
    auto before = conditions_of_type(old_conditions, type), after = conditions_of_type(conditions, type);
    if (before.size() != after.size()) continue;
    for (std::size_t i = 0; i < before.size(); ++i) (*conditions)[after[i]] = (*old_conditions)[before[i]];
  }
}

void stamp_conditions(json::Object& object, const json::Array* old_conditions, Instant now) {
  json::Object* status = object_of(object, "status");
  json::Array* conditions = status ? array_of(*status, "conditions") : nullptr;
  if (!conditions) return;
  std::string stamp = rfc3339(now);
  for (json::Value& item : *conditions) {
    if (!item.is_object()) continue;
    json::Object& condition = item.get_object();
    if (text_of(condition, "lastUpdateTime").empty()) condition["lastUpdateTime"] = stamp;
    if (!text_of(condition, "lastTransitionTime").empty()) continue;
    std::string_view since = stamp;
    for (std::size_t i : conditions_of_type(old_conditions, text_of(condition, "type"))) {
      std::string_view old_since = json::string_at((*old_conditions)[i], {"lastTransitionTime"});
      if (json::string_at((*old_conditions)[i], {"status"}) != text_of(condition, "status") || old_since.empty())
        continue;
      since = old_since;
      break;
    }
    condition["lastTransitionTime"] = since;
  }
}

}  // namespace

// A job without a selector of its own selects its pods by its uid.
void prepare_new_job(json::Object& job) {
  json::Object* metadata = object_of(job, "metadata");
  json::Object* spec = object_of(job, "spec");
  if (!metadata || !spec) return;
  json::Object& template_metadata = made_object(made_object(*spec, "template"), "metadata");
  const json::Value* manual = spec->if_contains("manualSelector");
  if (!manual || !manual->is_bool() || !manual->get_bool()) {
    std::string name(text_of(*metadata, "name")), uid(text_of(*metadata, "uid"));
    json::Object& labels = made_object(template_metadata, "labels");
    set_missing(labels, "job-name", name);
    set_missing(labels, "batch.kubernetes.io/job-name", name);
    set_missing(labels, "controller-uid", uid);
    set_missing(labels, "batch.kubernetes.io/controller-uid", uid);
    json::Object& selector = made_object(made_object(*spec, "selector"), "matchLabels");
    set_missing(selector, "batch.kubernetes.io/controller-uid", uid);
  }
  const json::Object* labels = object_of(template_metadata, "labels");
  const json::Object* own = object_of(*metadata, "labels");
  if (labels && (!own || own->empty())) {
    json::Object copied(*labels, metadata->storage());
    (*metadata)["labels"] = std::move(copied);
  }
}

void prepare_new_namespace(json::Object& ns) {
  json::Object& metadata = made_object(ns, "metadata");
  std::string name(text_of(metadata, "name"));
  made_object(metadata, "labels")["kubernetes.io/metadata.name"] = name;
  add_once(made_object(ns, "spec"), "finalizers", "kubernetes");
}

void prepare_namespace_update(const Update& update) {
  json::Object& metadata = made_object(update.object, "metadata");
  std::string name(text_of(metadata, "name"));
  made_object(metadata, "labels")["kubernetes.io/metadata.name"] = name;
  if (!update.subresource.empty()) return;  // /finalize is where finalizers change
  const json::Object* old_spec = old_spec_of(update);
  const json::Value* finalizers = old_spec ? old_spec->if_contains("finalizers") : nullptr;
  json::Object& spec = made_object(update.object, "spec");
  if (finalizers)
    spec["finalizers"] = *finalizers;
  else
    spec.erase("finalizers");
}

void prepare_secret_update(const Update& update) {
  const json::Value* type = update.old_object.if_contains("type");
  if (type && text_of(update.object, "type").empty()) update.object["type"] = *type;
}

void clean_secret_references(json::Object& service_account) {
  json::Array* secrets = array_of(service_account, "secrets");
  if (!secrets) return;
  for (json::Value& secret : *secrets) {
    json::Object reference;
    if (std::string_view name = json::string_at(secret, {"name"}); !name.empty()) reference.emplace("name", name);
    secret = std::move(reference);
  }
}

// The finalizers of admission plugin StorageObjectInUseProtection.
void prepare_new_volume(json::Object& volume) {
  json::Object& metadata = made_object(volume, "metadata");
  add_once(metadata, "finalizers", "kubernetes.io/pv-protection");
  if (std::string_view made = text_of(metadata, "creationTimestamp"); !made.empty())
    made_object(volume, "status")["lastPhaseTransitionTime"] = made;
}

void prepare_new_attributes_class(json::Object& attributes_class) {
  add_once(made_object(attributes_class, "metadata"), "finalizers", "kubernetes.io/vac-protection");
}

void prepare_volume_update(const Update& update) {
  if (update.subresource != "status") return;
  const json::Value* old_status = update.old_object.if_contains("status");
  if (!old_status) return;
  json::Object& status = made_object(update.object, "status");
  std::string_view since = text_of(status, "lastPhaseTransitionTime");
  std::string_view old_since = json::string_at(*old_status, {"lastPhaseTransitionTime"});
  bool same_phase = text_of(status, "phase") == json::string_at(*old_status, {"phase"});
  if (same_phase && since.empty() && !old_since.empty())
    status["lastPhaseTransitionTime"] = old_since;
  else if (!same_phase && (since.empty() || since == old_since))
    status["lastPhaseTransitionTime"] = rfc3339(update.now);
}

void prepare_new_claim(json::Object& claim) {
  add_once(made_object(claim, "metadata"), "finalizers", "kubernetes.io/pvc-protection");
  json::Object& spec = made_object(claim, "spec");
  drop_other_data_source(spec);
  data_sources(spec);
}

void prepare_claim_update(const Update& update) {
  if (update.subresource == "status") return;
  json::Object& spec = made_object(update.object, "spec");
  const json::Object* old_spec = old_spec_of(update);
  bool used = old_spec && (old_spec->contains("dataSource") || old_spec->contains("dataSourceRef"));
  if (!used) drop_other_data_source(spec);
  data_sources(spec);
}

// Admission plugin TaintNodesByCondition: nothing is scheduled on a node before it says that it is ready.
void prepare_new_node(json::Object& node) {
  json::Array& taints = made_array(made_object(node, "spec"), "taints");
  constexpr std::string_view key = "node.kubernetes.io/not-ready";
  for (const json::Value& taint : taints)
    if (json::string_at(taint, {"key"}) == key && json::string_at(taint, {"effect"}) == "NoSchedule") return;
  taints.emplace_back(json::Object{{"key", key}, {"effect", "NoSchedule"}});
}

// Version 1 prints another status than the version that is stored.
void prepare_new_autoscaler(json::Object& autoscaler) {
  if (text_of(autoscaler, "apiVersion") == "autoscaling/v1")
    autoscaler["status"] = json::Object{{"currentReplicas", 0}, {"desiredReplicas", 0}};
}

void prepare_new_daemon_set(json::Object& daemon_set) {
  constexpr std::string_view annotation = "deprecated.daemonset.template.generation";
  json::Object& annotations = made_object(made_object(daemon_set, "metadata"), "annotations");
  if (std::string_view given = text_of(annotations, annotation); given.empty() || given == "0")
    annotations[annotation] = "1";
}

void prepare_daemon_set_update(const Update& update) {
  if (update.subresource == "status") return;
  constexpr std::string_view annotation = "deprecated.daemonset.template.generation";
  const json::Value* metadata = update.old_object.if_contains("metadata");
  std::string_view before = metadata ? json::string_at(*metadata, {"annotations", annotation}) : std::string_view();
  std::int64_t generation = 0;
  for (char digit : before)
    if (digit >= '0' && digit <= '9' && generation < INT32_MAX) generation = generation * 10 + (digit - '0');
  const json::Object* old_spec = old_spec_of(update);
  json::Object* spec = object_of(update.object, "spec");
  const json::Value* old_template = old_spec ? old_spec->if_contains("template") : nullptr;
  const json::Value* new_template = spec ? spec->if_contains("template") : nullptr;
  if (old_template && new_template && *old_template != *new_template) ++generation;
  made_object(made_object(update.object, "metadata"), "annotations")[annotation] = std::to_string(generation);
}

void prepare_new_definition(json::Object& definition) {
  if (auto version = storage_version_of(definition))
    made_object(definition, "status")["storedVersions"] = json::Array{json::Value(*version)};
}

void prepare_definition_update(const Update& update) {
  auto version = storage_version_of(update.object);
  if (update.subresource.empty() && version) add_once(made_object(update.object, "status"), "storedVersions", *version);
}

// An API that the server itself serves is there at once.
void prepare_new_api_service(json::Object& api_service) {
  json::Object* spec = object_of(api_service, "spec");
  if (spec && object_of(*spec, "service")) return;
  json::Object* metadata = object_of(api_service, "metadata");
  json::Object local{{"type", "Available"},
                     {"status", "True"},
                     {"lastTransitionTime", metadata ? text_of(*metadata, "creationTimestamp") : std::string_view()},
                     {"reason", "Local"},
                     {"message", "Local APIServices are always available"}};
  made_object(api_service, "status")["conditions"] = json::Array{std::move(local)};
}

void prepare_request_update(const Update& update) {
  if (const json::Value* spec = update.old_object.if_contains("spec")) update.object["spec"] = *spec;
  const json::Array* old_conditions = conditions_of(update.old_object);
  if (update.subresource == "status") keep_approvals(update.object, old_conditions);
  if (update.subresource == "status" || update.subresource == "approval")
    stamp_conditions(update.object, old_conditions, update.now);
  if (update.subresource != "approval") return;
  const json::Value* old_status = update.old_object.if_contains("status");
  json::Value status = old_status ? *old_status : json::Value(json::Object());
  if (const json::Array* given = conditions_of(update.object)) {
    if (status.is_object()) status.get_object()["conditions"] = *given;
  }
  update.object["status"] = std::move(status);
}

}  // namespace gatepost::kube
