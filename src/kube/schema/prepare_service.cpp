#include <algorithm>
#include <vector>

#include "kube/schema/default_hooks.h"
#include "kube/schema/prepare_kinds.h"

namespace gatepost::kube {
namespace {

bool needs_cluster_ip(std::string_view type) {
  return type != "ExternalName";
}
bool needs_node_port(std::string_view type) {
  return type == "NodePort" || type == "LoadBalancer";
}

bool needs_health_port(const json::Object& spec) {
  return text_of(spec, "type") == "LoadBalancer" && text_of(spec, "externalTrafficPolicy") == "Local";
}

bool externally_accessible(const json::Object& spec) {
  std::string_view type = text_of(spec, "type");
  const json::Value* external = spec.if_contains("externalIPs");
  return needs_node_port(type) ||
         (type == "ClusterIP" && external && external->is_array() && !external->get_array().empty());
}

bool unset(const json::Object& spec, std::string_view key) {
  const json::Value* value = spec.if_contains(key);
  if (!value) return true;
  return (value->is_string() && value->get_string().empty()) || (value->is_array() && value->get_array().empty()) ||
         (value->is_int64() && value->get_int64() == 0);
}

bool same(const json::Object& left, const json::Object& right, std::string_view key) {
  const json::Value* a = left.if_contains(key);
  const json::Value* b = right.if_contains(key);
  return a && b ? *a == *b : unset(left, key) && unset(right, key);
}

std::vector<std::int64_t> node_ports(const json::Object& spec) {
  std::vector<std::int64_t> ports;
  const json::Value* list = spec.if_contains("ports");
  if (list && list->is_array())
    for (const json::Value& port : list->get_array())
      if (std::int64_t number = json::int_at(port, {"nodePort"})) ports.push_back(number);
  std::sort(ports.begin(), ports.end());
  return ports;
}

// The single address and the list of addresses are one: who changes only the one means both.
void join_addresses(json::Object& spec, const json::Object* old_spec) {
  json::Array only(spec.storage());
  only.emplace_back(text_of(spec, "clusterIP"));
  bool none = only[0].get_string().empty();
  if (!old_spec) {
    if (!none && unset(spec, "clusterIPs")) spec["clusterIPs"] = std::move(only);
    return;
  }
  if (same(spec, *old_spec, "clusterIP")) {
    if (unset(spec, "clusterIPs") && !unset(*old_spec, "clusterIPs"))
      spec["clusterIPs"] = *old_spec->if_contains("clusterIPs");
    return;
  }
  if (!same(spec, *old_spec, "clusterIPs")) return;
  if (none && !unset(*old_spec, "clusterIP"))
    spec.erase("clusterIPs");
  else
    spec["clusterIPs"] = std::move(only);
}

void keep_node_ports(json::Object& spec, const json::Object& old_spec) {
  std::vector<std::int64_t> before = node_ports(old_spec), after = node_ports(spec), used;
  std::set_intersection(before.begin(), before.end(), after.begin(), after.end(), std::back_inserter(used));
  json::Array* ports = array_of(spec, "ports");
  const json::Value* old_ports = old_spec.if_contains("ports");
  if (!ports || !old_ports || !old_ports->is_array()) return;
  for (json::Value& port : *ports) {
    if (!port.is_object() || json::int_at(port, {"nodePort"}) != 0) continue;
    for (const json::Value& old_port : old_ports->get_array()) {
      std::int64_t number = json::int_at(old_port, {"nodePort"});
      bool named_alike = json::string_at(port, {"name"}) == json::string_at(old_port, {"name"});
      if (!named_alike || number == 0 || std::binary_search(used.begin(), used.end(), number)) continue;
      port.get_object()["nodePort"] = number;
    }
  }
}

// What the server chose before and the client left out stays.
void keep_allocated(json::Object& spec, const json::Object& old_spec) {
  const std::string type(text_of(spec, "type"));  // a copy: members move when others come and go
  std::string_view old_type = text_of(old_spec, "type");
  if (needs_cluster_ip(type) && needs_cluster_ip(old_type))
    for (const char* field : {"clusterIP", "clusterIPs"})
      if (unset(spec, field) && !unset(old_spec, field)) spec[field] = *old_spec.if_contains(field);
  if (needs_node_port(type) && needs_node_port(old_type)) keep_node_ports(spec, old_spec);
  if (needs_health_port(spec) && needs_health_port(old_spec) && unset(spec, "healthCheckNodePort") &&
      !unset(old_spec, "healthCheckNodePort"))
    spec["healthCheckNodePort"] = *old_spec.if_contains("healthCheckNodePort");
}

// Fields that the new type has no use for, and that the client did not touch, go.
void drop_by_type(json::Object& spec, const json::Object& old_spec) {
  const std::string type(text_of(spec, "type"));  // a copy: members move when others come and go
  std::string_view old_type = text_of(old_spec, "type");
  if (needs_cluster_ip(old_type) && !needs_cluster_ip(type)) {
    if (same(spec, old_spec, "clusterIP") && same(spec, old_spec, "clusterIPs")) {
      spec.erase("clusterIP");
      spec.erase("clusterIPs");
    }
    for (const char* field : {"ipFamilies", "ipFamilyPolicy"})
      if (same(spec, old_spec, field)) spec.erase(field);
  }
  if (needs_node_port(old_type) && !needs_node_port(type)) {
    std::vector<std::int64_t> before = node_ports(old_spec), after = node_ports(spec);
    if (std::includes(before.begin(), before.end(), after.begin(), after.end()))
      if (json::Array* ports = array_of(spec, "ports"))
        for (json::Value& port : *ports)
          if (port.is_object()) port.get_object().erase("nodePort");
  }
  auto drop = [&](bool had, bool has, std::string_view field) {
    if (had && !has && same(spec, old_spec, field)) spec.erase(field);
  };
  drop(needs_health_port(old_spec), needs_health_port(spec), "healthCheckNodePort");
  drop(old_type == "LoadBalancer", type == "LoadBalancer", "allocateLoadBalancerNodePorts");
  drop(old_type == "LoadBalancer", type == "LoadBalancer", "loadBalancerClass");
  drop(externally_accessible(old_spec), externally_accessible(spec), "externalTrafficPolicy");
}

}  // namespace

void complete_service(json::Object& spec, const json::Object* old_spec) {
  if (old_spec) keep_allocated(spec, *old_spec);
  join_addresses(spec, old_spec);
}

void prepare_service_update(const Update& update) {
  const json::Value* old_value = update.old_object.if_contains("spec");
  json::Object* spec = object_of(update.object, "spec");
  if (!spec || !old_value || !old_value->is_object() || update.subresource == "status") return;
  drop_by_type(*spec, old_value->get_object());
  if (text_of(*spec, "type") != "LoadBalancer") made_object(update.object, "status")["loadBalancer"] = json::Object();
}

}  // namespace gatepost::kube
