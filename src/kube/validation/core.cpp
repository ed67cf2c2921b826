#include <algorithm>
#include <array>
#include <set>

#include "base/base64.h"
#include "formats/names.h"
#include "formats/quantity.h"
#include "json/parse.h"
#include "kube/validation/kinds.h"
#include "kube/validation/metadata.h"
#include "kube/validation/pod.h"

namespace gatepost::kube {
namespace {

constexpr std::size_t largest_secret = 1 << 20;

// The bytes of base64 text.
std::size_t decoded_size(std::string_view text) {
  std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  return text.size() / 4 * 3 - std::min(padding, text.size());
}

std::string_view text_of(const json::Value& value) {
  return value.is_string() ? json::view(value.get_string()) : std::string_view{};
}

void frozen(Errors& errors, const Field& object, const Field& old_object, Choices names) {
  if (!old_object["immutable"].truth()) return;
  static constexpr const char* why = "field is immutable when `immutable` is set";
  if (!object["immutable"].truth()) errors.forbidden(object["immutable"], why);
  for (std::string_view name : names)
    if (!equal(object[name], old_object[name])) errors.forbidden(object[name], why);
}

void validate_config_map(Errors& errors, const Field& object) {
  Field data = object["data"], binary = object["binaryData"];
  std::size_t total = 0;
  if (data.object())
    for (const auto& entry : *data.object()) {
      Field place = data.key(entry.key());
      errors.invalid_each(place, entry.key(), formats::config_map_key(entry.key()));
      if (binary.key(entry.key()).value())
        errors.invalid_text(place, entry.key(), "duplicate of key present in binaryData");
      total += text_of(entry.value()).size();
    }
  if (binary.object())
    for (const auto& entry : *binary.object()) {
      errors.invalid_each(binary.key(entry.key()), entry.key(), formats::config_map_key(entry.key()));
      total += decoded_size(text_of(entry.value()));
    }
  if (total > largest_secret) errors.too_long(object[""], largest_secret);
}

void update_config_map(Errors& errors, const Field& object, const Field& old_object) {
  frozen(errors, object, old_object, {"data", "binaryData"});
  validate_metadata(errors, object["metadata"], true, formats::dns1123_subdomain);
  validate_config_map(errors, object);
}

void validate_docker_config(Errors& errors, const Field& data, std::string_view key) {
  Field entry = data.key(key);
  if (!entry.value()) {
    errors.required(entry);
    return;
  }
  auto bytes = base64::decode(entry.text());
  if (!bytes) return;
  auto parsed = json::parse(*bytes, json::make_arena());
  std::string complaint;
  if (!parsed)
    complaint = parsed.error().text;
  else if (!parsed->is_object() && !parsed->is_null())
    complaint = "json: cannot unmarshal " +
                std::string(parsed->is_string()  ? "string"
                            : parsed->is_array() ? "array"
                            : parsed->is_bool()  ? "bool"
                                                 : "number") +
                " into Go value of type map[string]interface {}";
  if (!complaint.empty()) errors.invalid_text(entry, "<secret contents redacted>", complaint);
}

void validate_secret(Errors& errors, const Field& object) {
  Field data = object["data"], type = object["type"];
  std::size_t total = 0;
  if (data.object())
    for (const auto& entry : *data.object()) {
      errors.invalid_each(data.key(entry.key()), entry.key(), formats::config_map_key(entry.key()));
      total += decoded_size(text_of(entry.value()));
    }
  if (total > largest_secret) errors.too_long(data, largest_secret);
  auto need = [&](std::string_view key) {
    if (!data.key(key).value()) errors.required(data.key(key));
  };
  if (type.is("kubernetes.io/service-account-token")) {
    Field metadata = object["metadata"];
    Field annotations = metadata["annotations"];
    Field account = annotations.key("kubernetes.io/service-account.name");
    if (account.text().empty()) errors.required(account);
  } else if (type.is("kubernetes.io/dockercfg")) {
    validate_docker_config(errors, data, ".dockercfg");
  } else if (type.is("kubernetes.io/dockerconfigjson")) {
    validate_docker_config(errors, data, ".dockerconfigjson");
  } else if (type.is("kubernetes.io/basic-auth")) {
    if (!data.key("username").value() && !data.key("password").value()) {
      need("username");
      need("password");
    }
  } else if (type.is("kubernetes.io/ssh-auth")) {
    if (data.key("ssh-privatekey").text().empty()) errors.required(data.key("ssh-privatekey"));
  } else if (type.is("kubernetes.io/tls")) {
    need("tls.crt");
    need("tls.key");
  }
}

void update_secret(Errors& errors, const Field& object, const Field& old_object) {
  Field type = object["type"];
  if (type.text() != old_object["type"].text()) errors.invalid_text(type, type.text(), "field is immutable");
  frozen(errors, object, old_object, {"data"});
  validate_metadata(errors, object["metadata"], true, formats::dns1123_subdomain);
  validate_secret(errors, object);
}

void validate_namespace(Errors& errors, const Field& object) {
  Field spec = object["spec"];
  Field finalizers = spec["finalizers"];
  for_each(finalizers, [&](const Field& finalizer) {
    auto complaints = formats::label_key(finalizer.text());
    errors.invalid_each(finalizers, finalizer.text(), complaints);
    if (finalizer.text().find('/') == std::string_view::npos &&
        !finalizer.is_one_of({"kubernetes", "orphan", "foregroundDeletion"}))
      errors.invalid_text(finalizers, finalizer.text(),
                          "name is neither a standard finalizer name nor is it fully qualified");
  });
}

constexpr std::array<std::string_view, 19> quota_resources = {"cpu",
                                                              "memory",
                                                              "ephemeral-storage",
                                                              "requests.cpu",
                                                              "requests.memory",
                                                              "requests.storage",
                                                              "requests.ephemeral-storage",
                                                              "limits.cpu",
                                                              "limits.memory",
                                                              "limits.ephemeral-storage",
                                                              "pods",
                                                              "resourcequotas",
                                                              "services",
                                                              "replicationcontrollers",
                                                              "secrets",
                                                              "persistentvolumeclaims",
                                                              "configmaps",
                                                              "services.nodeports",
                                                              "services.loadbalancers"};

bool is_quota_resource(std::string_view name) {
  return std::find(quota_resources.begin(), quota_resources.end(), name) != quota_resources.end() ||
         name.starts_with("hugepages-") || name.starts_with("requests.hugepages-");
}

void validate_quota(Errors& errors, const Field& object) {
  Field spec = object["spec"];
  Field hard = spec["hard"], scopes = spec["scopes"];
  if (hard.object())
    for (const auto& entry : *hard.object()) {
      std::string_view name = entry.key();
      Field place = hard.key(name);
      auto complaints = formats::label_key(name);
      errors.invalid_each(place, name, complaints);
      if (name.find('/') == std::string_view::npos && !is_quota_resource(name)) {
        if (complaints.empty() && name != "storage")
          errors.invalid_text(place, name, "must be a standard resource type or fully qualified");
        errors.invalid_text(place, name, "must be a standard resource for quota");
      }
      validate_quantity(errors, place, name);
    }
  std::set<std::string_view> seen;
  for_each(scopes, [&](const Field& scope) {
    if (!scope.is_one_of({"Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "PriorityClass",
                          "CrossNamespacePodAffinity", "VolumeAttributesClass"}))
      errors.invalid(scopes, "unsupported scope");
    seen.insert(scope.text());
  });
  if ((seen.contains("BestEffort") && seen.contains("NotBestEffort")) ||
      (seen.contains("Terminating") && seen.contains("NotTerminating")))
    errors.invalid(scopes, "conflicting scopes");
}

void update_quota(Errors& errors, const Field& object, const Field& old_object) {
  validate_quota(errors, object);
  Field spec = object["spec"], old_spec = old_object["spec"];
  immutable_unless_equal(errors, spec["scopes"], old_spec["scopes"]);
}

// Pairs of limits where the first may not be above the second.
void limits_in_order(Errors& errors, const Field& limit) {
  struct Pair {
    std::string_view low, low_name, high, high_name, place, value;
  };
  static constexpr std::array<Pair, 6> pairs = {{
      {"min", "min value", "max", "max value", "min", "min"},
      {"min", "min value", "defaultRequest", "default request value", "defaultRequest", "defaultRequest"},
      {"defaultRequest", "default request value", "max", "max value", "defaultRequest", "defaultRequest"},
      {"defaultRequest", "default request value", "default", "default limit value", "defaultRequest", "defaultRequest"},
      {"min", "min value", "default", "default value", "default", "min"},
      {"default", "default value", "max", "max value", "default", "max"},
  }};
  std::set<std::string_view> names;
  for (std::string_view kind : {"max", "min", "default", "defaultRequest"})
    if (Field list = limit[kind]; list.object())
      for (const auto& entry : *list.object()) names.insert(entry.key());
  for (std::string_view name : names)
    for (const Pair& pair : pairs) {
      auto text = [&](std::string_view kind) {
        const json::Value* list = limit[kind].value();
        return list ? json::string_at(*list, {name}) : std::string_view{};
      };
      auto low = formats::Quantity::parse(text(pair.low)), high = formats::Quantity::parse(text(pair.high));
      if (!low || !high || low->compare(*high) <= 0) continue;
      Field list = limit[pair.place];
      errors.invalid_shown(list.key(name), shown(text(pair.value)),
                           std::string(pair.low_name) + " " + std::string(text(pair.low)) + " is greater than " +
                               std::string(pair.high_name) + " " + std::string(text(pair.high)));
    }
}

void validate_limit_range(Errors& errors, const Field& object) {
  Field spec = object["spec"];
  Field limits = spec["limits"];
  std::set<std::string_view> types;
  for_each(limits, [&](const Field& limit) {
    Field type = limit["type"];
    for (const std::string& complaint : formats::label_key(type.text()))
      errors.invalid_text(type, type.text(), complaint);
    if (type.text().find('/') == std::string_view::npos && !type.text().empty() &&
        !type.is_one_of({"Pod", "Container", "PersistentVolumeClaim"}))
      errors.invalid(type, "must be a standard limit type or fully qualified");
    if (!types.insert(type.text()).second) errors.duplicate(type);
    if (type.is("Pod"))
      for (std::string_view name : {"default", "defaultRequest"})
        if (!limit[name].empty()) errors.forbidden(limit[name], "may not be specified when `type` is 'Pod'");
    if (type.is("PersistentVolumeClaim")) {
      Field least = limit["min"], most = limit["max"];
      if (!least["storage"].present() && !most["storage"].present())
        errors.required(limit["limits"],
                        "either minimum or maximum storage value is required, but neither was provided");
    }
    limits_in_order(errors, limit);
  });
}

constexpr Choices access_modes = {"ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"};

void validate_modes(Errors& errors, const Field& modes, const char* required_detail) {
  if (modes.empty()) errors.required(modes, required_detail);
}

void each_mode(Errors& errors, const Field& modes) {
  bool alone = false, others = false;
  for_each(modes, [&](const Field& mode) {
    if (!mode.is_one_of(access_modes)) errors.not_supported_shown(modes, shown(mode.text()), access_modes);
    alone |= mode.is("ReadWriteOncePod");
    others |= !mode.is("ReadWriteOncePod") && mode.is_one_of(access_modes);
  });
  if (alone && others) errors.forbidden(modes, "may not use ReadWriteOncePod with other access modes");
}

void create_claim(Errors& errors, const Field& object) {
  Field spec = object["spec"];
  validate_claim_spec(errors, spec);
}

void update_claim(Errors& errors, const Field& object, const Field& old_object) {
  Field spec = object["spec"], old_spec = old_object["spec"], status = object["status"];
  if (!spec.object() || !old_spec.object()) return;
  json::Value kept = *spec.value();
  json::Object& fields = kept.get_object();
  auto take = [&](std::string_view name) {
    fields.erase(name);
    if (const json::Value* old_value = old_spec[name].value()) fields[name] = *old_value;
  };
  if (old_spec["volumeName"].text().empty()) take("volumeName");
  if (status["phase"].is("Bound")) {
    take("resources");
    take("volumeAttributesClassName");
  }
  if (!equal(&kept, old_spec.value()))
    errors.forbidden(spec,
                     "spec is immutable after creation except resources.requests and volumeAttributesClassName for "
                     "bound claims");
}

void create_volume(Errors& errors, const Field& object) {
  Field spec = object["spec"];
  Field modes = spec["accessModes"], capacity = spec["capacity"], policy = spec["persistentVolumeReclaimPolicy"],
        class_name = spec["storageClassName"], mode = spec["volumeMode"];
  validate_modes(errors, modes, "");
  each_mode(errors, modes);
  if (capacity.empty()) errors.required(capacity);
  if (!capacity["storage"].present() || capacity.size() > 1)
    errors.not_supported_shown(capacity, shown(capacity.value()), {"storage"});
  if (capacity["storage"].present()) {
    Field storage = capacity.key("storage");
    validate_quantity(errors, storage, "storage");
    if (auto size = formats::Quantity::parse(storage.text()); size && size->sign() <= 0)
      errors.invalid(storage, "must be greater than zero");
  }
  if (policy.present() && !policy.is_one_of({"Delete", "Recycle", "Retain"}))
    errors.not_supported(policy, {"Delete", "Recycle", "Retain"});
  static constexpr std::array<std::string_view, 22> sources = {"gcePersistentDisk",
                                                               "awsElasticBlockStore",
                                                               "hostPath",
                                                               "glusterfs",
                                                               "nfs",
                                                               "rbd",
                                                               "quobyte",
                                                               "iscsi",
                                                               "flexVolume",
                                                               "cinder",
                                                               "cephfs",
                                                               "fc",
                                                               "flocker",
                                                               "azureFile",
                                                               "vsphereVolume",
                                                               "azureDisk",
                                                               "photonPersistentDisk",
                                                               "portworxVolume",
                                                               "scaleIO",
                                                               "local",
                                                               "storageos",
                                                               "csi"};
  int count = 0;
  for (std::string_view name : sources) {
    Field source = spec[name];
    if (!source.present()) continue;
    if (++count > 1) errors.forbidden(source, "may not specify more than 1 volume type");
  }
  if (count == 0) errors.required(spec, "must specify a volume type");
  if (!class_name.text().empty())
    errors.invalid_each(class_name, class_name.text(), formats::dns1123_subdomain(class_name.text()));
  if (mode.present() && !mode.is_one_of({"Block", "Filesystem"})) errors.not_supported(mode, {"Block", "Filesystem"});
}

void create_node(Errors& errors, const Field& object) {
  Field spec = object["spec"];
  Field taints = spec["taints"];
  std::set<std::string> seen;
  for_each(taints, [&](const Field& taint) {
    Field key = taint["key"], value = taint["value"], effect = taint["effect"];
    errors.invalid_each(key, key.text(), formats::label_key(key.text()));
    if (auto complaints = formats::label_value(value.text()); !complaints.empty())
      errors.invalid(value, formats::joined(complaints, ";"));
    errors.choice(effect, {"NoSchedule", "PreferNoSchedule", "NoExecute"});
    if (!seen.insert(std::string(key.text()) + ":" + std::string(effect.text())).second) errors.duplicate(taint);
  });
}

void create_event(Errors& errors, const Field& object) {
  Field metadata = object["metadata"], involved = object["involvedObject"];
  std::string_view space = metadata["namespace"].text(), of = involved["namespace"].text();
  bool agrees = of.empty() ? space == "default" || space.empty() : of == space;
  if (!agrees) errors.invalid_text(involved["namespace"], of, "does not match event.namespace");
}

}  // namespace

void validate_claim_spec(Errors& errors, const Field& spec) {
  Field modes = spec["accessModes"], resources = spec["resources"], class_name = spec["storageClassName"],
        mode = spec["volumeMode"], attributes = spec["volumeAttributesClassName"];
  validate_modes(errors, modes, "at least 1 access mode is required");
  validate_label_selector(errors, spec["selector"]);
  each_mode(errors, modes);
  Field requests = resources["requests"];
  Field storage = requests["storage"];
  Field place = resources.key("storage").with(storage.value());
  auto size = formats::Quantity::parse(storage.text());
  if (!storage.present())
    errors.required(place);
  else if (size && size->sign() <= 0)
    errors.invalid(place, "must be greater than zero");
  for (const Field& name : {class_name, attributes})
    if (!name.text().empty()) errors.invalid_each(name, name.text(), formats::dns1123_subdomain(name.text()));
  if (mode.present() && !mode.is_one_of({"Block", "Filesystem"})) errors.not_supported(mode, {"Block", "Filesystem"});
}

std::span<const KindRules> core_rules() {
  static constexpr std::array rows = {
      KindRules{"", "ConfigMap", validate_config_map, update_config_map},
      KindRules{"", "Secret", validate_secret, update_secret},
      KindRules{"", "Namespace", validate_namespace, nullptr},
      KindRules{"", "ResourceQuota", validate_quota, update_quota},
      KindRules{"", "LimitRange", validate_limit_range, nullptr, true, false},
      KindRules{"", "PersistentVolumeClaim", create_claim, update_claim, true},
      KindRules{"", "PersistentVolume", create_volume, nullptr, true},
      KindRules{"", "Node", create_node, nullptr},
      KindRules{"", "Event", create_event, nullptr},
  };
  return rows;
}

}  // namespace gatepost::kube
