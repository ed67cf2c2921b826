#include "simulate/controllers/endpoints_of.h"

#include "simulate/objects.h"

namespace gatepost::simulate {
namespace {

const json::Object* selector_of(const Item& service) {
  return json::object_at(service.value, {"spec", "selector"});
}

bool selects(const json::Object& selector, const Item& pod) {
  const json::Object* labels = json::object_at(pod.value, {"metadata", "labels"});
  for (const auto& pair : selector) {
    const json::Value* value = labels ? labels->if_contains(pair.key()) : nullptr;
    if (!value || *value != pair.value()) return false;
  }
  return true;
}

// The port that a pod's containers give a name to; 0: none.
std::int64_t named_port(const Item& pod, std::string_view name, std::string_view protocol) {
  if (const json::Array* containers = json::array_at(pod.value, {"spec", "containers"}))
    for (const json::Value& container : *containers)
      if (const json::Array* ports = json::array_at(container, {"ports"}))
        for (const json::Value& port : *ports) {
          const std::string_view spoken = json::string_at(port, {"protocol"});
          if (json::string_at(port, {"name"}) == name && (spoken.empty() || spoken == protocol))
            return json::int_at(port, {"containerPort"});
        }
  return 0;
}

bool matters(const Change& change) {
  if (!change.before || !change.after) return true;
  const Item &before = *change.before, &after = *change.after;
  if (before.deleting != after.deleting || is_ready(before) != is_ready(after) ||
      is_finished(before) != is_finished(after) || before.node != after.node)
    return true;
  if (json::string_at(before.value, {"status", "podIP"}) != json::string_at(after.value, {"status", "podIP"}))
    return true;
  const json::Object* old_labels = json::object_at(before.value, {"metadata", "labels"});
  const json::Object* new_labels = json::object_at(after.value, {"metadata", "labels"});
  return (old_labels && new_labels) ? !(*old_labels == *new_labels) : old_labels != new_labels;
}

}  // namespace

bool has_selector(const Item& service) {
  const json::Object* selector = selector_of(service);
  return selector && !selector->empty() && json::string_at(service.value, {"spec", "type"}) != "ExternalName";
}

Reach reach_of(const Item& service, const Cache& cache) {
  Reach reach;
  const json::Object* selector = selector_of(service);
  if (!selector) return reach;
  const bool publish = json::bool_at(service.value, {"spec", "publishNotReadyAddresses"});
  for (const ItemPtr& pod : cache.in(collection::pods, service.key.ns)) {
    if (!selects(*selector, *pod) || is_finished(*pod) || pod->node.empty()) continue;
    Endpoint endpoint;
    endpoint.address = json::string_at(pod->value, {"status", "podIP"});
    if (endpoint.address.empty()) continue;
    endpoint.serving = is_ready(*pod);
    endpoint.terminating = pod->deleting;
    endpoint.ready = publish || (endpoint.serving && !endpoint.terminating);
    endpoint.pod = pod;
    reach.endpoints.push_back(std::move(endpoint));
  }
  const json::Array* ports = json::array_at(service.value, {"spec", "ports"});
  if (!ports) return reach;
  for (const json::Value& port : *ports) {
    EndpointPort out;
    out.name = json::string_at(port, {"name"});
    out.app_protocol = json::string_at(port, {"appProtocol"});
    if (std::string_view protocol = json::string_at(port, {"protocol"}); !protocol.empty()) out.protocol = protocol;
    const json::Value* target = json::find(port, "targetPort");
    if (target && target->is_string()) {
      for (const Endpoint& endpoint : reach.endpoints) {
        out.port = named_port(*endpoint.pod, json::view(target->get_string()), out.protocol);
        if (out.port != 0) break;
      }
    } else {
      out.port = target ? json::int_at(port, {"targetPort"}) : 0;
      if (out.port == 0) out.port = json::int_at(port, {"port"});
    }
    if (out.port != 0) reach.ports.push_back(std::move(out));
  }
  return reach;
}

void services_concerned(const Change& change, const Cache& cache, std::vector<std::string>& keys) {
  const Item& item = change.item();
  if (item.key.collection == collection::services) {
    keys.push_back(key_name(item.key.ns, item.key.name));
    return;
  }
  if (item.key.collection != collection::pods || !matters(change)) return;
  for (const ItemPtr& service : cache.in(collection::services, item.key.ns)) {
    const json::Object* selector = selector_of(*service);
    if (!selector || selector->empty()) continue;
    if ((change.before && selects(*selector, *change.before)) || (change.after && selects(*selector, *change.after)))
      keys.push_back(key_name(service->key.ns, service->key.name));
  }
}

}  // namespace gatepost::simulate
