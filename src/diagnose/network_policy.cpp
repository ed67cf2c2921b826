#include "diagnose/network_policy.h"

#include <algorithm>
#include <fmt/format.h>

#include "kube/selector/selector.h"

namespace gatepost::diagnose {
namespace {

enum class Lets { nobody, by_address, everybody };

bool isolates_ingress(const json::Value& policy) {
  const json::Array* types = json::array_at(policy, {"spec", "policyTypes"});
  return !types || std::any_of(types->begin(), types->end(), [](const json::Value& type) {
    return type.is_string() && json::view(type.get_string()) == "Ingress";
  });
}

bool selects(const json::Value& policy, const Backend& backend) {
  const json::Value* object = json::find_path(policy, {"spec", "podSelector"});
  auto selector = kube::LabelSelector::from_object(object ? *object : json::Value(json::Object()));
  return selector && std::any_of(backend.pods.begin(), backend.pods.end(), [&](const json::Value* pod) {
           return selector->matches(json::object_at(*pod, {"metadata", "labels"}));
         });
}

// Whether a rule's ports hold the port on which the pods are called.
bool holds_port(const json::Value& rule, const Backend& backend) {
  const json::Array* ports = json::array_at(rule, {"ports"});
  if (!ports || ports->empty()) return true;
  return std::any_of(ports->begin(), ports->end(), [&](const json::Value& one) {
    const json::Value* port = json::find(one, "port");
    if (!port || !port->is_int64()) return true;  // all ports, or a name, which the pod gives a number
    const std::int64_t from = port->get_int64(), to = json::int_at(one, {"endPort"}, from);
    return std::any_of(backend.endpoints.begin(), backend.endpoints.end(),
                       [&](const Endpoint& e) { return e.port >= from && e.port <= to; });
  });
}

Lets lets_in(const json::Value& policy, const Backend& backend) {
  Lets out = Lets::nobody;
  const json::Array* rules = json::array_at(policy, {"spec", "ingress"});
  for (std::size_t i = 0; rules && i < rules->size(); ++i) {
    const json::Value& rule = (*rules)[i];
    if (!holds_port(rule, backend)) continue;
    const json::Array* from = json::array_at(rule, {"from"});
    if (!from || from->empty()) return Lets::everybody;
    for (const json::Value& peer : *from) {
      const std::string_view block = json::string_at(peer, {"ipBlock", "cidr"});
      if (block == "0.0.0.0/0" || block == "::/0") return Lets::everybody;
      if (!block.empty()) out = Lets::by_address;
    }
  }
  return out;
}

}  // namespace

void check_policies(const Subject& subject, const Cluster& cluster, const Backend& backend, Case& out) {
  Lets most = Lets::nobody;
  std::string names;
  for (const json::Value* policy : cluster.policies.in(subject.service_namespace)) {
    if (!isolates_ingress(*policy) || !selects(*policy, backend)) continue;
    names += (names.empty() ? "" : ", ") + std::string(json::string_at(*policy, {"metadata", "name"}));
    most = std::max(most, lets_in(*policy, backend));
  }
  if (names.empty()) return;
  if (most == Lets::nobody) out.fact("policy-blocks");
  if (most == Lets::by_address) out.fact("policy-restricts");
  out.see("network policy", most == Lets::nobody ? std::optional(false) : std::nullopt,
          fmt::format("NetworkPolicy {} selects the pods and lets {}", names,
                      most == Lets::nobody       ? "no address of a control plane in"
                      : most == Lets::by_address ? "only some addresses in"
                                                 : "everybody in on that port"),
          "kubectl -n " + subject.service_namespace + " get networkpolicies -o yaml");
}

}  // namespace gatepost::diagnose
