#include <map>
#include <optional>

#include "formats/quantity.h"
#include "kube/schema/default_hooks.h"
#include "kube/schema/prepare_kinds.h"

namespace gatepost::kube {
namespace {

using formats::Quantity;

struct Computing {
  std::optional<Quantity> cpu, memory;
  bool nothing() const { return !cpu && !memory; }
  bool complete() const { return cpu && memory; }
};

void add(std::optional<Quantity>& to, const Quantity& more) {
  to = to ? to->plus(more) : more;
}

// CPU and memory above zero; false when one of the two is missing.
bool add_computing(json::Object& holder, std::string_view which, Computing& total) {
  json::Object* resources = object_of(holder, "resources");
  json::Object* amounts = resources ? object_of(*resources, which) : nullptr;
  if (!amounts || amounts->empty()) return false;
  int found = 0;
  for (auto& [name, sum] : {std::pair<std::string_view, std::optional<Quantity>&>{"cpu", total.cpu},
                            std::pair<std::string_view, std::optional<Quantity>&>{"memory", total.memory}}) {
    auto quantity = Quantity::parse(text_of(*amounts, name));
    if (!quantity || quantity->sign() <= 0) continue;
    add(sum, *quantity);
    ++found;
  }
  return found == 2;
}

std::string_view judge(const Computing& requests, const Computing& limits, bool all_limited) {
  if (requests.nothing() && limits.nothing()) return "BestEffort";
  bool equal = all_limited && requests.complete() && limits.complete() && *requests.cpu == *limits.cpu &&
               *requests.memory == *limits.memory;
  return equal ? "Guaranteed" : "Burstable";
}

// Labels of the pod that a term or a spread constraint asks for by key become requirements of its selector.
void apply_label_keys(json::Object& term, std::string_view keys_field, std::string_view operation,
                      const json::Object* labels) {
  json::Array* keys = array_of(term, keys_field);
  json::Object* selector = object_of(term, "labelSelector");
  if (!keys || !selector || !labels) return;
  for (const json::Value& key : *keys) {
    if (!key.is_string()) continue;
    const json::Value* value = labels->if_contains(json::view(key.get_string()));
    if (!value) continue;
    json::Value& requirements = (*selector)["matchExpressions"];
    if (!requirements.is_array()) requirements.emplace_array();
    requirements.get_array().emplace_back(
        json::Object{{"key", key}, {"operator", operation}, {"values", json::Array{*value}}});
  }
}

void apply_affinity_keys(json::Object& affinity, std::string_view kind, const json::Object* labels) {
  json::Object* rules = object_of(affinity, kind);
  if (!rules) return;
  auto apply = [&](json::Object* term) {
    if (!term) return;
    apply_label_keys(*term, "matchLabelKeys", "In", labels);
    apply_label_keys(*term, "mismatchLabelKeys", "NotIn", labels);
  };
  if (json::Array* preferred = array_of(*rules, "preferredDuringSchedulingIgnoredDuringExecution"))
    for (json::Value& weighted : *preferred)
      if (weighted.is_object()) apply(object_of(weighted.get_object(), "podAffinityTerm"));
  if (json::Array* required = array_of(*rules, "requiredDuringSchedulingIgnoredDuringExecution"))
    for (json::Value& term : *required) apply(term.if_object());
}

void apply_all_label_keys(json::Object& pod, json::Object& spec) {
  json::Object* affinity = object_of(spec, "affinity");
  json::Array* spread = array_of(spec, "topologySpreadConstraints");
  if (!affinity && !spread) return;
  json::Object* metadata = object_of(pod, "metadata");
  const json::Object* labels = metadata ? object_of(*metadata, "labels") : nullptr;
  if (affinity) {
    apply_affinity_keys(*affinity, "podAffinity", labels);
    apply_affinity_keys(*affinity, "podAntiAffinity", labels);
  }
  if (spread)
    for (json::Value& constraint : *spread)
      if (constraint.is_object()) apply_label_keys(constraint.get_object(), "matchLabelKeys", "In", labels);
}

const json::Object* spec_of(const json::Object& pod) {
  const json::Value* spec = pod.if_contains("spec");
  return spec ? spec->if_object() : nullptr;
}

void reset_metadata(const Update& update) {
  const json::Value* old_value = update.old_object.if_contains("metadata");
  if (!old_value || !old_value->is_object()) return;
  json::Object& metadata = made_object(update.object, "metadata");
  for (const char* field : {"deletionTimestamp", "labels", "annotations", "finalizers", "ownerReferences"}) {
    if (const json::Value* kept = old_value->get_object().if_contains(field))
      metadata[field] = *kept;
    else
      metadata.erase(field);
  }
}

// Only `field` of the spec is taken from the request.
void keep_spec_but(const Update& update, std::string_view field) {
  const json::Object* old_spec = spec_of(update.old_object);
  if (!old_spec) return;
  json::Object spec(*old_spec, update.object.storage());
  json::Object* given = object_of(update.object, "spec");
  const json::Value* wanted = given ? given->if_contains(field) : nullptr;
  if (wanted)
    spec[field] = *wanted;
  else
    spec.erase(field);
  update.object["spec"] = std::move(spec);
  reset_metadata(update);
}

// Old containers with the resources asked for; nothing when containers came, went or changed places, which validation
// refuses.
std::optional<json::Array> resized(json::Object* given, const json::Object& old_spec, std::string_view list) {
  const json::Value* old_list = old_spec.if_contains(list);
  const json::Array* before = old_list ? old_list->if_array() : nullptr;
  json::Array* after = given ? array_of(*given, list) : nullptr;
  if ((before ? before->size() : 0) != (after ? after->size() : 0)) return std::nullopt;
  json::Array merged;
  if (!before) return merged;
  for (std::size_t i = 0; i < before->size(); ++i) {
    json::Value container((*before)[i]);
    json::Value& wanted = (*after)[i];
    if (!container.is_object() || !wanted.is_object()) return std::nullopt;
    if (text_of(container.get_object(), "name") != text_of(wanted.get_object(), "name")) return *after;
    for (const char* field : {"resources", "resizePolicy"}) {
      if (const json::Value* asked = wanted.get_object().if_contains(field))
        container.get_object()[field] = *asked;
      else
        container.get_object().erase(field);
    }
    merged.push_back(std::move(container));
  }
  return merged;
}

void keep_all_but_resources(const Update& update) {
  const json::Object* old_spec = spec_of(update.old_object);
  if (!old_spec) return;
  json::Object* given = object_of(update.object, "spec");
  auto containers = resized(given, *old_spec, "containers");
  auto init_containers = resized(given, *old_spec, "initContainers");
  if (!containers || !init_containers) return;
  keep_spec_but(update, "resources");
  json::Object& spec = made_object(update.object, "spec");
  if (!containers->empty()) spec["containers"] = std::move(*containers);
  if (!init_containers->empty()) spec["initContainers"] = std::move(*init_containers);
}

// The field that says what an annotation of old says; nothing for one that says nothing.
std::optional<json::Object> profile_of(std::string_view annotation, const json::Storage& arena) {
  static constexpr std::string_view local = "localhost/";
  json::Object profile(arena);
  if (annotation == "unconfined")
    profile["type"] = "Unconfined";
  else if (annotation == "runtime/default")
    profile["type"] = "RuntimeDefault";
  else if (annotation.starts_with(local) && annotation.size() > local.size())
    profile = {{"type", "Localhost"}, {"localhostProfile", annotation.substr(local.size())}};
  else
    return std::nullopt;
  return profile;
}

// AppArmor profiles in annotations become fields of the containers that have none.
void profiles_from_annotations(json::Object& pod, json::Object& spec) {
  json::Object* annotations = object_of(made_object(pod, "metadata"), "annotations");
  json::Object* os = object_of(spec, "os");
  if (!annotations || (os && text_of(*os, "name") == "windows")) return;
  json::Object* pod_context = object_of(spec, "securityContext");
  const json::Value* shared = pod_context ? pod_context->if_contains("appArmorProfile") : nullptr;
  for (const char* list : {"initContainers", "containers", "ephemeralContainers"}) {
    json::Array* containers = array_of(spec, list);
    for (std::size_t i = 0; containers && i < containers->size(); ++i) {
      if (!(*containers)[i].is_object()) continue;
      json::Object& container = (*containers)[i].get_object();
      std::string key = "container.apparmor.security.beta.kubernetes.io/" + std::string(text_of(container, "name"));
      const json::Value* annotation = annotations->if_contains(key);
      json::Object* own = object_of(container, "securityContext");
      if (!annotation || !annotation->is_string() || (own && own->contains("appArmorProfile"))) continue;
      auto profile = profile_of(json::view(annotation->get_string()), spec.storage());
      if (profile && !(shared && *shared == json::Value(*profile)))
        made_object(container, "securityContext")["appArmorProfile"] = std::move(*profile);
    }
  }
}

}  // namespace

std::string_view quality_of_service(json::Object& pod) {
  json::Object* spec = object_of(pod, "spec");
  if (!spec) return "BestEffort";
  Computing requests, limits;
  if (object_of(*spec, "resources")) {
    add_computing(*spec, "requests", requests);
    bool limited = add_computing(*spec, "limits", limits);
    return judge(requests, limits, limited);
  }
  bool all_limited = true;
  for (const char* list : {"containers", "initContainers"}) {
    json::Array* containers = array_of(*spec, list);
    if (!containers) continue;
    for (json::Value& container : *containers) {
      if (!container.is_object()) continue;
      add_computing(container.get_object(), "requests", requests);
      if (!add_computing(container.get_object(), "limits", limits)) all_limited = false;
    }
  }
  return judge(requests, limits, all_limited);
}

void prepare_new_pod(json::Object& pod) {
  made_object(pod, "metadata");  // before references into the object are taken: members move when one is added
  json::Object& status = made_object(pod, "status");
  json::Object* spec = object_of(pod, "spec");
  if (!spec) return;
  if (json::Array* gates = array_of(*spec, "schedulingGates"); gates && !gates->empty()) {
    json::Object gated{{"type", "PodScheduled"},
                       {"status", "False"},
                       {"lastProbeTime", nullptr},
                       {"lastTransitionTime", text_of(made_object(pod, "metadata"), "creationTimestamp")},
                       {"reason", "SchedulingGated"},
                       {"message", "Scheduling is blocked due to non-empty scheduling gates"}};
    status["conditions"] = json::Array{std::move(gated)};
  }
  status["qosClass"] = quality_of_service(pod);
  profiles_from_annotations(pod, *spec);
  apply_all_label_keys(pod, *spec);
}

void prepare_pod_update(const Update& update) {
  if (update.subresource == "ephemeralcontainers") {
    keep_spec_but(update, "ephemeralContainers");
  } else if (update.subresource == "resize") {
    keep_all_but_resources(update);
  } else if (update.subresource == "status") {
    json::Object& status = made_object(update.object, "status");
    const json::Value* old_status = update.old_object.if_contains("status");
    if (old_status && text_of(status, "qosClass").empty() && !json::string_at(*old_status, {"qosClass"}).empty())
      status["qosClass"] = json::string_at(*old_status, {"qosClass"});
  }
}

}  // namespace gatepost::kube
