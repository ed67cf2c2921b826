#include "lint/policies.h"

#include <algorithm>

#include "lint/join.h"

namespace gatepost::lint {
namespace {

// Without policyTypes a policy is about ingress, and about egress where it has such rules.
bool is_about(const Manifest& policy, std::string_view direction) {
  const json::Array* types = json::array_at(policy.value, {"spec", "policyTypes"});
  if (!types) return direction == "Ingress" || policy.at({"spec", "egress"}) != nullptr;
  return std::any_of(types->begin(), types->end(), [&](const json::Value& type) {
    return type.is_string() && json::view(type.get_string()) == direction;
  });
}

bool selects(const Manifest& policy, const Workload& workload) {
  const json::Value* selector = policy.at({"spec", "podSelector"});
  static const json::Value everything = json::Object();
  return selects_pods(selector ? selector : &everything, workload);
}

std::vector<const Manifest*> policies_of(const Model& model, const Workload& workload, std::string_view direction) {
  std::vector<const Manifest*> out;
  for (const Manifest* policy : model.of_kind_in("NetworkPolicy", workload.manifest->ns))
    if (policy->group == "networking.k8s.io" && is_about(*policy, direction) && selects(*policy, workload))
      out.push_back(policy);
  return out;
}

bool holds_port(const json::Value& rule, const Workload& workload, std::int64_t port) {
  const json::Array* ports = json::array_at(rule, {"ports"});
  if (!ports || ports->empty() || port == 0) return true;
  return std::any_of(ports->begin(), ports->end(), [&](const json::Value& one) {
    const std::string_view protocol = json::string_at(one, {"protocol"});
    if (!protocol.empty() && protocol != "TCP") return false;
    const json::Value* number = json::find(one, "port");
    if (!number || number->is_null()) return true;
    if (number->is_string()) return workload.port_number(json::view(number->get_string())) == port;
    const std::int64_t from = number->is_int64() ? number->get_int64() : 0;
    return port >= from && port <= json::int_at(one, {"endPort"}, from);
  });
}

bool selector_matches(const json::Value* selector, const json::Object& labels) {
  if (!selector) return true;
  auto compiled = kube::LabelSelector::from_object(*selector);
  return compiled && compiled->matches(&labels);
}

bool is_proxy_agent(const Model& model, const json::Value& peer, const std::string& own_namespace) {
  const json::Value* namespaces = json::find(peer, "namespaceSelector");
  const json::Value* pods = json::find(peer, "podSelector");
  if (!namespaces && (!pods || own_namespace != "kube-system")) return false;
  for (std::string_view agent : {"konnectivity-agent", "vpn-shoot"}) {
    const json::Object labels({{"k8s-app", agent}, {"app", agent}});
    if (selector_matches(namespaces, model.namespace_labels("kube-system")) && selector_matches(pods, labels))
      return true;
  }
  return false;
}

}  // namespace

IngressVerdict judge_ingress(const Model& model, const Workload& workload, std::int64_t port) {
  IngressVerdict out;
  if (workload.host_network()) return out;  // policies do not hold for pods on the node's own network
  out.policies = policies_of(model, workload, "Ingress");
  for (const Manifest* policy : out.policies) {
    const json::Array* rules = json::array_at(policy->value, {"spec", "ingress"});
    for (std::size_t i = 0; rules && i < rules->size(); ++i) {
      const json::Value& rule = (*rules)[i];
      if (!holds_port(rule, workload, port)) continue;
      const json::Array* from = json::array_at(rule, {"from"});
      if (!from || from->empty()) {
        out.admits_everybody = true;
        continue;
      }
      for (const json::Value& peer : *from) {
        const std::string_view block = json::string_at(peer, {"ipBlock", "cidr"});
        if (block == "0.0.0.0/0" || block == "::/0") out.admits_everybody = true;
        if (!block.empty()) out.blocks.emplace_back(block);
        if (block.empty() && is_proxy_agent(model, peer, policy->ns)) out.admits_proxy_agent = true;
      }
    }
  }
  return out;
}

bool limits_egress(const Model& model, const Workload& workload) {
  const auto policies = policies_of(model, workload, "Egress");
  if (policies.empty()) return false;
  return std::none_of(policies.begin(), policies.end(), [](const Manifest* policy) {
    const json::Array* rules = json::array_at(policy->value, {"spec", "egress"});
    return rules && std::any_of(rules->begin(), rules->end(), [](const json::Value& rule) {
             const json::Array* to = json::array_at(rule, {"to"});
             if (!to || to->empty()) {
               const json::Array* ports = json::array_at(rule, {"ports"});
               return !ports || ports->empty();
             }
             return std::any_of(to->begin(), to->end(), [](const json::Value& peer) {
               const std::string_view block = json::string_at(peer, {"ipBlock", "cidr"});
               return block == "0.0.0.0/0" || block == "::/0";
             });
           });
  });
}

}  // namespace gatepost::lint
