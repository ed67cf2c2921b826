#include "kube/schema/default_hooks.h"

#include "base/base64.h"
#include "kube/schema/default_rules.h"

namespace gatepost::kube {
namespace {

bool externally_accessible(json::Object& spec, std::string_view type) {
  const json::Array* external = array_of(spec, "externalIPs");
  return type == "LoadBalancer" || type == "NodePort" || (type == "ClusterIP" && external && !external->empty());
}

void target_ports(json::Object& spec) {
  json::Array* ports = array_of(spec, "ports");
  if (!ports) return;
  for (json::Value& item : *ports) {
    if (!item.is_object()) continue;
    json::Object& port = item.get_object();
    if (text_of(port, "protocol").empty()) port["protocol"] = "TCP";
    const json::Value* target = port.if_contains("targetPort");
    bool unset = !target || (target->is_int64() && target->get_int64() == 0) ||
                 (target->is_string() && target->get_string().empty());
    if (!unset) continue;
    const json::Value* number = port.if_contains("port");
    port["targetPort"] = number ? *number : json::Value(0);
  }
}

void service(json::Object& spec) {
  constexpr int affinity_seconds = 10800;
  if (text_of(spec, "sessionAffinity").empty()) spec["sessionAffinity"] = "None";
  if (text_of(spec, "sessionAffinity") == "None") {
    spec.erase("sessionAffinityConfig");
  } else if (text_of(spec, "sessionAffinity") == "ClientIP") {
    json::Object* config = object_of(spec, "sessionAffinityConfig");
    json::Object* client = config ? object_of(*config, "clientIP") : nullptr;
    if (!client || !client->contains("timeoutSeconds"))
      spec["sessionAffinityConfig"] = json::Object{{"clientIP", json::Object{{"timeoutSeconds", affinity_seconds}}}};
  }
  if (text_of(spec, "type").empty()) spec["type"] = "ClusterIP";
  target_ports(spec);
  std::string_view type = text_of(spec, "type");
  if (externally_accessible(spec, type) && text_of(spec, "externalTrafficPolicy").empty())
    spec["externalTrafficPolicy"] = "Cluster";
  type = text_of(spec, "type");
  if (type == "ClusterIP" || type == "NodePort" || type == "LoadBalancer")
    set_missing(spec, "internalTrafficPolicy", "Cluster");
  type = text_of(spec, "type");
  if (type == "LoadBalancer") set_missing(spec, "allocateLoadBalancerNodePorts", true);
}

void load_balancer_ip_mode(json::Object& whole) {
  json::Object* spec = object_of(whole, "spec");
  json::Object* status = object_of(whole, "status");
  json::Object* balancer = status ? object_of(*status, "loadBalancer") : nullptr;
  json::Array* addresses = balancer ? array_of(*balancer, "ingress") : nullptr;
  if (!addresses || !spec || text_of(*spec, "type") != "LoadBalancer") return;
  for (json::Value& address : *addresses)
    if (address.is_object() && !text_of(address.get_object(), "ip").empty())
      set_missing(address.get_object(), "ipMode", "VIP");
}

// What is written as text is stored as data, over data of the same name.
void secret_text(json::Object& secret) {
  json::Object* texts = object_of(secret, "stringData");
  if (!texts) return;
  json::Object& data = made_object(secret, "data");
  texts = object_of(secret, "stringData");  // the members may have moved
  for (const auto& text : *texts)
    if (text.value().is_string()) data[text.key()] = base64::encode(json::view(text.value().get_string()));
  if (data.empty()) secret.erase("data");
  secret.erase("stringData");
}

// A namespace whose name is still to be generated gets its label later.
void namespace_label(json::Object& whole) {
  json::Object* metadata = object_of(whole, "metadata");
  if (!metadata) return;
  std::string name(text_of(*metadata, "name"));
  if (!name.empty()) made_object(*metadata, "labels")["kubernetes.io/metadata.name"] = name;
}

void limit_range_item(json::Object& item) {
  if (text_of(item, "type") != "Container") return;
  auto take_over = [&](std::string_view to, std::string_view from) {
    json::Object* source = object_of(item, from);
    if (!source || source->empty()) return;
    json::Object values(*source, source->storage());
    json::Object& target = made_object(item, to);
    for (const auto& value : values) set_missing(target, value.key(), value.value());
  };
  take_over("default", "max");
  take_over("defaultRequest", "default");
  take_over("defaultRequest", "min");
}

void node_allocatable(json::Object& status) {
  if (status.contains("allocatable")) return;
  if (const json::Value* capacity = status.if_contains("capacity")) {
    json::Value copied(*capacity, status.storage());
    status.emplace("allocatable", std::move(copied));
  }
}

// The one block of addresses and the list of them say the same; where they differ, the one is right.
void node_blocks(json::Object& spec) {
  std::string one(text_of(spec, "podCIDR"));
  const json::Array* list = array_of(spec, "podCIDRs");
  std::string first(list && !list->empty() && (*list)[0].is_string() ? json::view((*list)[0].get_string()) : "");
  if (one.empty()) {
    if (!first.empty()) spec["podCIDR"] = first;
  } else if (one != first) {
    spec["podCIDRs"] = json::Array{json::Value(one)};
  }
}

void network_policy(json::Object& spec) {
  json::Array* types = array_of(spec, "policyTypes");
  if (types && !types->empty()) return;
  json::Array implied{"Ingress"};
  const json::Array* egress = array_of(spec, "egress");
  if (egress && !egress->empty()) implied.emplace_back("Egress");
  spec["policyTypes"] = std::move(implied);
}

void subject_group(json::Object& subject) {
  if (!text_of(subject, "apiGroup").empty()) return;
  std::string_view kind = text_of(subject, "kind");
  if (kind == "User" || kind == "Group") subject["apiGroup"] = "rbac.authorization.k8s.io";
}

void device_request(json::Object& request) {
  if (text_of(request, "allocationMode").empty()) request["allocationMode"] = "ExactCount";
  if (text_of(request, "allocationMode") != "ExactCount") return;
  const json::Value* count = request.if_contains("count");
  if (!count || (count->is_int64() && count->get_int64() == 0)) request["count"] = 1;
}

std::string lower_case(std::string_view text) {
  std::string lowered(text);
  for (char& c : lowered)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lowered;
}

void custom_resource_definition(json::Object& whole) {
  made_object(whole, "status");  // before references into the object are taken: members move when one is added
  json::Object& spec = made_object(whole, "spec");
  json::Object& names = made_object(spec, "names");
  std::string kind(text_of(names, "kind"));
  if (text_of(names, "singular").empty() && !kind.empty()) names["singular"] = lower_case(kind);
  if (text_of(names, "listKind").empty() && !kind.empty()) names["listKind"] = kind + "List";
  set_missing(spec, "conversion", json::Object{{"strategy", "None"}});
  json::Object& status = made_object(whole, "status");
  json::Array* stored = array_of(status, "storedVersions");
  if (stored && !stored->empty()) return;
  json::Array* versions = array_of(spec, "versions");
  if (!versions) return;
  for (const json::Value& version : *versions)
    if (json::bool_at(version, {"storage"})) {
      status["storedVersions"] = json::Array{json::Value(json::string_at(version, {"name"}))};
      return;
    }
}

struct NamedHook {
  std::string_view name;
  DefaultHook hook;
};
constexpr NamedHook hooks[] = {
    {"autoscaler", default_autoscaler},
    {"autoscaler_v1_target", default_autoscaler_v1_target},
    {"custom_resource_definition", custom_resource_definition},
    {"daemon_set_strategy", default_daemon_set_strategy},
    {"template_generation", default_template_generation},
    {"deployment_strategy", default_deployment_strategy},
    {"device_request", device_request},
    {"image_pull_policy", default_image_pull_policy},
    {"image_volume_pull_policy", default_image_volume_pull_policy},
    {"job", default_job_spec},
    {"labels_of_template", default_labels_of_template},
    {"limit_range_item", limit_range_item},
    {"load_balancer_ip_mode", load_balancer_ip_mode},
    {"namespace_label", namespace_label},
    {"network_policy", network_policy},
    {"node_allocatable", node_allocatable},
    {"node_blocks", node_blocks},
    {"pod", default_pod_spec},
    {"resource_list", default_resource_list},
    {"secret_text", secret_text},
    {"service", service},
    {"service_account", default_service_account},
    {"stateful_set_strategy", default_stateful_set_strategy},
    {"subject_group", subject_group},
    {"volume_source", default_volume_source},
};

}  // namespace

DefaultHook default_hook(std::string_view name) {
  for (const NamedHook& known : hooks)
    if (known.name == name) return known.hook;
  return nullptr;
}

std::string_view text_of(const json::Object& object, std::string_view key) {
  const json::Value* value = object.if_contains(key);
  return value && value->is_string() ? json::view(value->get_string()) : std::string_view();
}

json::Object* object_of(json::Object& object, std::string_view key) {
  json::Value* value = object.if_contains(key);
  return value ? value->if_object() : nullptr;
}

// What is there of another type gives way: decoding has refused it before. Looks first: operator[] makes room for one
// more even when the key is there.
json::Object& made_object(json::Object& object, std::string_view key) {
  json::Value* present = object.if_contains(key);
  json::Value& value = present ? *present : object[key];
  if (!value.is_object()) value.emplace_object();
  return value.get_object();
}

json::Array* array_of(json::Object& object, std::string_view key) {
  json::Value* value = object.if_contains(key);
  return value ? value->if_array() : nullptr;
}

}  // namespace gatepost::kube
