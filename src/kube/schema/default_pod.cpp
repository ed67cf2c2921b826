#include <map>

#include "formats/quantity.h"
#include "kube/schema/default_hooks.h"
#include "kube/schema/default_image.h"
#include "kube/schema/object.h"

namespace gatepost::kube {
namespace {

using formats::Quantity;

json::Object* limits_of(json::Object& holder) {
  json::Object* resources = object_of(holder, "resources");
  return resources ? object_of(*resources, "limits") : nullptr;
}

void requests_from_limits(json::Object& container) {
  json::Object* limits = limits_of(container);
  if (!limits || limits->empty()) return;
  json::Object& requests = made_object(*object_of(container, "resources"), "requests");
  limits = limits_of(container);  // the member before may have moved
  for (const auto& limit : *limits) set_missing(requests, limit.key(), limit.value());
}

void host_ports(json::Object& container) {
  json::Array* ports = array_of(container, "ports");
  if (!ports) return;
  for (json::Value& port : *ports) {
    if (!port.is_object()) continue;
    const json::Value* container_port = port.get_object().if_contains("containerPort");
    const json::Value* host_port = port.get_object().if_contains("hostPort");
    bool unset = !host_port || (host_port->is_int64() && host_port->get_int64() == 0);
    if (!container_port || !unset) continue;
    json::Value number(*container_port);  // a copy: members move when one is added
    port.get_object()["hostPort"] = std::move(number);
  }
}

template <class Each>
void each_container(json::Object& spec, std::string_view list, Each each) {
  if (json::Array* containers = array_of(spec, list))
    for (json::Value& container : *containers)
      if (container.is_object()) each(container.get_object());
}

using Amounts = std::map<std::string, Quantity, std::less<>>;

Amounts amounts_of(json::Object& container, std::string_view which) {
  Amounts amounts;
  json::Object* resources = object_of(container, "resources");
  json::Object* list = resources ? object_of(*resources, which) : nullptr;
  if (!list) return amounts;
  for (const auto& entry : *list)
    if (entry.value().is_string())
      if (auto quantity = Quantity::parse(json::view(entry.value().get_string())))
        amounts.emplace(entry.key(), std::move(*quantity));
  return amounts;
}

void add(Amounts& to, const Amounts& more) {
  for (const auto& [name, amount] : more) {
    auto [at, fresh] = to.emplace(name, amount);
    if (!fresh) at->second = at->second.plus(amount);
  }
}

void raise(Amounts& to, const Amounts& other) {
  for (const auto& [name, amount] : other) {
    auto [at, fresh] = to.emplace(name, amount);
    if (!fresh && at->second.compare(amount) < 0) at->second = amount;
  }
}

// What the containers of a pod need together: all containers and sidecars at once, or the largest init container
// beside the sidecars started before it.
Amounts aggregate(json::Object& spec, std::string_view which) {
  Amounts total, sidecars, largest_init;
  each_container(spec, "containers", [&](json::Object& container) { add(total, amounts_of(container, which)); });
  each_container(spec, "initContainers", [&](json::Object& container) {
    Amounts own = amounts_of(container, which);
    if (text_of(container, "restartPolicy") == "Always") {
      add(total, own);
      add(sidecars, own);
      raise(largest_init, sidecars);
    } else {
      add(own, sidecars);
      raise(largest_init, own);
    }
  });
  raise(total, largest_init);
  return total;
}

bool is_huge_page(std::string_view resource) {
  return resource.starts_with("hugepages-");
}
bool is_pod_level(std::string_view resource) {
  return resource == "cpu" || resource == "memory" || is_huge_page(resource);
}

// Pod-level limits of huge pages from the containers' limits, then pod-level requests from the containers' requests
// and, where there are none, from the pod's limits.
void pod_level_resources(json::Object& spec) {
  json::Object* resources = object_of(spec, "resources");
  if (!resources) return;
  json::Object* limits = object_of(*resources, "limits");
  json::Object* requests = object_of(*resources, "requests");
  if ((limits && !limits->empty()) || (requests && !requests->empty())) {
    for (const auto& [name, amount] : aggregate(spec, "limits")) {
      if (!is_huge_page(name) || (requests && requests->contains(name))) continue;
      set_missing(made_object(*resources, "limits"), name, json::Value(amount.canonical()));
      requests = object_of(*resources, "requests");
    }
  }
  limits = object_of(*resources, "limits");
  if (!limits || limits->empty()) return;
  for (const auto& [name, amount] : aggregate(spec, "requests"))
    if (is_pod_level(name) && !is_huge_page(name))
      set_missing(made_object(*resources, "requests"), name, json::Value(amount.canonical()));
  json::Object limit_values = *object_of(*resources, "limits");
  for (const auto& limit : limit_values)
    if (is_pod_level(limit.key())) set_missing(made_object(*resources, "requests"), limit.key(), limit.value());
}

struct NodeCondition {
  std::string_view key;
  bool tolerated = false;
};

}  // namespace

void default_pod_spec(json::Object& spec) {
  spec.reserve(16);  // what most pods end with; growing in steps would copy the members each time
  each_container(spec, "containers", requests_from_limits);
  each_container(spec, "initContainers", requests_from_limits);
  pod_level_resources(spec);
  set_missing(spec, "enableServiceLinks", true);
  const json::Value* host_network = spec.if_contains("hostNetwork");
  if (host_network && host_network->is_bool() && host_network->get_bool()) {
    each_container(spec, "containers", host_ports);
    each_container(spec, "initContainers", host_ports);
  }
}

// The account has an old name beside the new one.
void default_service_account(json::Object& spec) {
  std::string account(text_of(spec, "serviceAccountName"));
  if (account.empty()) account = text_of(spec, "serviceAccount");
  if (account.empty()) return;
  spec["serviceAccountName"] = account;
  spec["serviceAccount"] = account;
}

// A priority class other than the system's own is resolved where the classes are known.
void set_admission_defaults(json::Value& object, const GroupVersionKind& kind) {
  if (kind.kind != "Pod" || !kind.group.empty() || !object.is_object()) return;
  json::Object* pod_spec = object_of(object.get_object(), "spec");
  if (!pod_spec) return;
  json::Object& spec = *pod_spec;
  constexpr std::int64_t cluster_critical = 2000000000, node_critical = 2000001000;
  std::string_view priority_class = text_of(spec, "priorityClassName");
  bool known = true;
  std::int64_t priority = 0;
  if (priority_class == "system-cluster-critical")
    priority = cluster_critical;
  else if (priority_class == "system-node-critical")
    priority = node_critical;
  else
    known = priority_class.empty();
  if (known) {
    set_missing(spec, "priority", priority);
    set_missing(spec, "preemptionPolicy", "PreemptLowerPriority");
  }

  NodeCondition conditions[] = {{"node.kubernetes.io/not-ready"}, {"node.kubernetes.io/unreachable"}};
  if (const json::Array* tolerations = array_of(spec, "tolerations")) {
    for (const json::Value& toleration : *tolerations) {
      std::string_view key = json::string_at(toleration, {"key"}), effect = json::string_at(toleration, {"effect"});
      for (NodeCondition& condition : conditions)
        if ((key.empty() || key == condition.key) && (effect.empty() || effect == "NoExecute"))
          condition.tolerated = true;
    }
  }
  for (const NodeCondition& condition : conditions) {
    if (condition.tolerated) continue;
    json::Value* tolerations = spec.if_contains("tolerations");
    if (!tolerations) tolerations = &spec.emplace("tolerations", json::Array()).first->value();
    if (!tolerations->is_array()) return;
    constexpr int seconds = 300;
    json::Object& added = tolerations->get_array().emplace_back(json::Object()).get_object();
    added.reserve(4);
    added.emplace("key", condition.key);
    added.emplace("operator", "Exists");
    added.emplace("effect", "NoExecute");
    added.emplace("tolerationSeconds", seconds);
  }
}

void default_image_pull_policy(json::Object& container) {
  if (!text_of(container, "imagePullPolicy").empty()) return;
  container["imagePullPolicy"] = asks_for_latest(text_of(container, "image")) ? "Always" : "IfNotPresent";
}

void default_image_volume_pull_policy(json::Object& image) {
  if (!text_of(image, "pullPolicy").empty()) return;
  image["pullPolicy"] = asks_for_latest(text_of(image, "reference")) ? "Always" : "IfNotPresent";
}

// A volume that says no source is an empty directory.
void default_volume_source(json::Object& volume) {
  std::size_t sources = volume.size() - (volume.contains("name") ? 1 : 0);
  if (sources == 0) volume.emplace("emptyDir", json::Object());
}

void default_resource_list(json::Object& resources) {
  for (auto& entry : resources) {
    if (!entry.value().is_string()) continue;
    std::string_view text = json::view(entry.value().get_string());
    // The canonical form of anything finer than a thousandth ends in n or u.
    if (!text.ends_with('n') && !text.ends_with('u')) continue;
    auto quantity = Quantity::parse(text);
    if (!quantity) continue;
    auto rounded = Quantity::parse(std::to_string(quantity->milli_value()) + "m");
    if (rounded) entry.value() = rounded->canonical();
  }
}

}  // namespace gatepost::kube
