#include <algorithm>

#include "rehearse/snapshot.h"

namespace gatepost::rehearse {
namespace {

constexpr std::string_view pod_fields[] = {"nodeName",          "nodeSelector",
                                           "affinity",          "tolerations",
                                           "hostNetwork",       "hostPID",
                                           "hostIPC",           "serviceAccountName",
                                           "priority",          "restartPolicy",
                                           "priorityClassName", "terminationGracePeriodSeconds",
                                           "securityContext",   "topologySpreadConstraints",
                                           "runtimeClassName",  "schedulerName"};
constexpr std::string_view container_fields[] = {"name", "image", "ports", "resources", "securityContext"};
constexpr std::string_view probe_fields[] = {"initialDelaySeconds", "periodSeconds"};
constexpr std::string_view metadata_fields[] = {"name",       "namespace",         "uid",
                                                "labels",     "creationTimestamp", "deletionTimestamp",
                                                "generation", "generateName",      "ownerReferences"};
// Annotations that mean something to controllers.
constexpr std::string_view annotations[] = {"deployment.kubernetes.io/revision", "kubernetes.io/config.mirror"};

template <std::size_t n>
json::Object picked(const json::Object& from, const std::string_view (&fields)[n]) {
  json::Object out;
  for (std::string_view field : fields)
    if (const json::Value* value = from.if_contains(field)) out[field] = *value;
  return out;
}

json::Array kept_containers(const json::Array& containers) {
  json::Array out;
  for (const json::Value& container : containers) {
    if (!container.is_object()) continue;
    json::Object kept = picked(container.get_object(), container_fields);
    if (const json::Object* probe = json::object_at(container, {"readinessProbe"}))
      kept["readinessProbe"] = picked(*probe, probe_fields);
    out.emplace_back(std::move(kept));
  }
  return out;
}

json::Object kept_pod_spec(const json::Value& spec) {
  json::Object out = spec.is_object() ? picked(spec.get_object(), pod_fields) : json::Object();
  if (const json::Array* containers = json::array_at(spec, {"containers"}))
    out["containers"] = kept_containers(*containers);
  return out;
}

json::Object kept_metadata(const json::Value& object) {
  const json::Object* metadata = json::object_at(object, {"metadata"});
  if (!metadata) return {};
  json::Object out = picked(*metadata, metadata_fields);
  json::Object kept;
  if (const json::Object* given = json::object_at(object, {"metadata", "annotations"}))
    for (const auto& pair : *given)
      if (std::find(std::begin(annotations), std::end(annotations), std::string_view(pair.key())) !=
              std::end(annotations) ||
          std::string_view(pair.key()).starts_with("simulate.gatepost.dev/"))
        kept[pair.key()] = pair.value();
  if (!kept.empty()) out["annotations"] = std::move(kept);
  return out;
}

json::Object kept_template(const json::Value& given) {
  json::Object out;
  json::Object metadata;
  if (const json::Object* labels = json::object_at(given, {"metadata", "labels"})) metadata["labels"] = *labels;
  out["metadata"] = std::move(metadata);
  if (const json::Value* spec = json::find(given, "spec")) out["spec"] = kept_pod_spec(*spec);
  return out;
}

void drop_bundles(json::Object& configuration) {
  json::Value* hooks = configuration.if_contains("webhooks");
  if (!hooks || !hooks->is_array()) return;
  for (json::Value& hook : hooks->get_array()) {
    if (!hook.is_object()) continue;
    json::Value* client = hook.get_object().if_contains("clientConfig");
    if (client && client->is_object()) client->get_object().erase("caBundle");
  }
}

json::Object kept_node_status(const json::Value& node) {
  constexpr std::string_view fields[] = {"allocatable", "conditions", "addresses"};
  const json::Object* status = json::object_at(node, {"status"});
  return status ? picked(*status, fields) : json::Object();
}

}  // namespace

json::Value kept_part(const json::Value& object) {
  json::Value out(json::Object{}, json::make_arena());
  json::Object& kept = out.get_object();
  const std::string_view kind = json::string_at(object, {"kind"});
  kept["apiVersion"] = json::string_at(object, {"apiVersion"});
  kept["kind"] = kind;
  kept["metadata"] = kept_metadata(object);
  if (kind.ends_with("WebhookConfiguration")) {
    if (const json::Value* hooks = json::find(object, "webhooks")) kept["webhooks"] = *hooks;
    drop_bundles(kept);
    return out;
  }
  if (kind == "EndpointSlice") {
    for (std::string_view field : {"addressType", "endpoints", "ports"})
      if (const json::Value* value = json::find(object, field)) kept[field] = *value;
    return out;
  }
  const json::Value* spec = json::find(object, "spec");
  if (kind == "Pod") {
    if (spec) kept["spec"] = kept_pod_spec(*spec);
    constexpr std::string_view fields[] = {"phase", "conditions", "podIP", "podIPs", "hostIP"};
    if (const json::Object* status = json::object_at(object, {"status"})) kept["status"] = picked(*status, fields);
    return out;
  }
  if (kind == "Node") {
    constexpr std::string_view fields[] = {"taints", "unschedulable"};
    if (spec && spec->is_object()) kept["spec"] = picked(spec->get_object(), fields);
    kept["status"] = kept_node_status(object);
    return out;
  }
  if (spec) kept["spec"] = *spec;
  if (const json::Value* status = json::find(object, "status")) kept["status"] = *status;
  if (const json::Value* pod = json::find_path(object, {"spec", "template"}))
    kept["spec"].get_object()["template"] = kept_template(*pod);
  if (kept.contains("spec") && kept["spec"].is_object()) kept["spec"].get_object().erase("volumeClaimTemplates");
  return out;
}

}  // namespace gatepost::rehearse
