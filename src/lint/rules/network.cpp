// GP510-GP514, GP519: whether the API server's packets reach the backend.
#include <map>
#include <set>

#include "lint/join.h"
#include "lint/policies.h"
#include "lint/rules/common.h"

namespace gatepost::lint {
namespace {

constexpr std::int64_t kubelet_port = 10250;

template <class Each>
void for_each_backend(const Model& model, Each each) {
  std::set<std::pair<const Workload*, std::int64_t>> seen;
  for (const Webhook& webhook : model.webhooks())
    for (const Workload* workload : webhook.workloads)
      if (seen.emplace(workload, webhook.container_port).second) each(webhook, *workload);
}

void network_policy_shuts_out_api_server(const Model& model, Sink& sink) {
  for_each_backend(model, [&](const Webhook& webhook, const Workload& workload) {
    const IngressVerdict verdict = judge_ingress(model, workload, webhook.container_port);
    if (verdict.policies.empty() || verdict.admits_everybody || !verdict.blocks.empty()) return;
    sink.add(
        *verdict.policies.front(), Path("spec.ingress"),
        fmt::format("no rule lets the API server in to port {} of {} {}: it is no pod, so only ipBlocks or an open "
                    "rule admit it",
                    webhook.container_port, workload.kind(), workload.manifest->name),
        &webhook);
  });
}

// The place of the port in the first container that declares it.
Path port_path(const Workload& workload, std::int64_t number) {
  for (const Container& container : workload.containers()) {
    const json::Array* ports = json::array_at(*container.value, {"ports"});
    for (std::size_t i = 0; ports && i < ports->size(); ++i)
      if (json::int_at((*ports)[i], {"containerPort"}) == number) return container.path / "ports" / i / "containerPort";
  }
  return workload.spec_path() / "containers";
}

void gke_private_port(const Model& model, Sink& sink) {
  if (model.settings().profile != Profile::gke) return;
  for_each_backend(model, [&](const Webhook& webhook, const Workload& workload) {
    const std::int64_t port = webhook.container_port;
    if (port == 0 || port == 443 || port == kubelet_port) return;
    sink.add(
        *workload.manifest, port_path(workload, port),
        fmt::format("the firewall of a private cluster lets the control plane reach 443 and 10250 only, not {}", port),
        &webhook);
  });
}

// Networks of pods that the control plane of EKS does not know.
bool has_custom_network(const Model& model) {
  return std::any_of(model.workloads().begin(), model.workloads().end(), [](const Workload& workload) {
    return workload.is_per_node() &&
           is_one_of(workload.manifest->name, {"calico-node", "cilium", "weave-net", "kube-flannel-ds"});
  });
}

void eks_port_or_cni(const Model& model, Sink& sink) {
  if (model.settings().profile != Profile::eks) return;
  const bool custom = has_custom_network(model);
  for_each_backend(model, [&](const Webhook& webhook, const Workload& workload) {
    const std::int64_t port = webhook.container_port;
    if (custom && !workload.host_network())
      sink.add(*workload.manifest, workload.spec_path() / "hostNetwork",
               "the control plane does not reach pods of this network plug-in without hostNetwork", &webhook);
    else if (port != 0 && port != 443 && port != kubelet_port)
      sink.add(*workload.manifest, port_path(workload, port),
               fmt::format("the nodes' security group has to let the control plane reach port {}", port), &webhook);
  });
}

// Ports that a workload takes on its nodes.
std::vector<std::pair<std::int64_t, Path>> host_ports(const Workload& workload) {
  std::vector<std::pair<std::int64_t, Path>> out;
  for (const Container& container : workload.containers()) {
    const json::Array* ports = json::array_at(*container.value, {"ports"});
    for (std::size_t i = 0; ports && i < ports->size(); ++i) {
      const std::int64_t number = json::int_at((*ports)[i], {workload.host_network() ? "containerPort" : "hostPort"});
      if (number != 0) out.emplace_back(number, container.path / "ports" / i);
    }
  }
  return out;
}

void host_network_port_clash(const Model& model, Sink& sink) {
  std::map<std::int64_t, std::vector<const Workload*>> taken;
  for (const Workload& workload : model.workloads())
    if (workload.kind() != "Job" && workload.kind() != "CronJob")
      for (const auto& [port, path] : host_ports(workload)) taken[port].push_back(&workload);
  for_each_backend(model, [&](const Webhook& webhook, const Workload& workload) {
    for (const auto& [port, path] : host_ports(workload)) {
      std::string with = port == kubelet_port ? "the kubelet" : "";
      for (const Workload* other : taken[port])
        if (other != &workload && with.empty()) with = fmt::format("{} {}", other->kind(), other->manifest->name);
      if (!with.empty())
        sink.add(*workload.manifest, path, fmt::format("port {} of the node is taken by {}", port, with), &webhook);
    }
  });
}

// --- GP514

bool is_meshed(const Model& model, const Workload& workload) {
  const std::string_view own = workload.pod_mark("sidecar.istio.io/inject");
  if (!own.empty()) return own == "true";
  const Manifest* ns = model.find("Namespace", "", workload.manifest->ns);
  return ns && (ns->label("istio-injection") == "enabled" || !ns->label("istio.io/rev").empty());
}

// Ports that the sidecar leaves alone: "8443,9443" or "*".
bool is_port_excluded(const Workload& workload, std::int64_t port) {
  std::string_view list = workload.pod_mark("traffic.sidecar.istio.io/excludeInboundPorts");
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(','), list.size());
    std::string_view one = list.substr(0, end);
    while (one.starts_with(' ')) one.remove_prefix(1);
    if (one == "*" || one == std::to_string(port)) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

// The PeerAuthentication that holds for the workload: its own before its namespace's before the mesh's.
const Manifest* peer_authentication(const Model& model, const Workload& workload) {
  const Manifest* of_namespace = nullptr;
  const Manifest* of_mesh = nullptr;
  for (const Manifest* one : model.of_kind("PeerAuthentication")) {
    const json::Object* labels = json::object_at(one->value, {"spec", "selector", "matchLabels"});
    if (one->ns == workload.manifest->ns || one->ns.empty()) {
      if (labels && carries(workload.pod_labels(), *labels)) return one;
      if (!labels) of_namespace = one;
    } else if (one->ns == "istio-system" && !labels) {
      of_mesh = one;
    }
  }
  return of_namespace ? of_namespace : of_mesh;
}

void mesh_intercepts_backend(const Model& model, Sink& sink) {
  for_each_backend(model, [&](const Webhook& webhook, const Workload& workload) {
    const std::int64_t port = webhook.container_port;
    const bool linkerd = workload.pod_mark("linkerd.io/inject") == "enabled" &&
                         is_one_of(workload.pod_mark("config.linkerd.io/default-inbound-policy"),
                                   {"all-authenticated", "cluster-authenticated", "deny"});
    if (linkerd) {
      std::string_view skipped = workload.pod_mark("config.linkerd.io/skip-inbound-ports");
      if (skipped.find(std::to_string(port)) == std::string_view::npos)
        sink.add(*workload.manifest, workload.template_path / "metadata",
                 "the sidecar admits only clients of the mesh, and the API server is none", &webhook);
      return;
    }
    if (workload.pod_mark("sidecar.istio.io/inject") == "false" || is_port_excluded(workload, port)) return;
    const Manifest* policy = peer_authentication(model, workload);
    if (!policy) return;
    if (!is_meshed(model, workload) && policy->ns == "istio-system" && workload.manifest->ns != "istio-system") return;
    std::string_view mode = policy->text({"spec", "portLevelMtls", std::to_string(port), "mode"});
    if (mode.empty()) mode = policy->text({"spec", "mtls", "mode"});
    if (mode == "STRICT")
      sink.add(*policy, Path("spec.mtls.mode"),
               fmt::format("the sidecar asks for a client certificate of the mesh on port {}; the API server has none",
                           port),
               &webhook);
  });
}

// --- GP519

bool has_proxy_agents(const Model& model) {
  if (model.settings().profile == Profile::gke || model.settings().profile == Profile::aks ||
      model.settings().profile == Profile::gardener)
    return true;
  return std::any_of(model.workloads().begin(), model.workloads().end(), [](const Workload& workload) {
    return workload.manifest->name.find("konnectivity-agent") != std::string::npos;
  });
}

void network_policy_lacks_proxy_agent(const Model& model, Sink& sink) {
  if (!has_proxy_agents(model)) return;
  for_each_backend(model, [&](const Webhook& webhook, const Workload& workload) {
    const IngressVerdict verdict = judge_ingress(model, workload, webhook.container_port);
    if (verdict.policies.empty() || verdict.admits_everybody || verdict.blocks.empty() || verdict.admits_proxy_agent)
      return;
    sink.add(*verdict.policies.front(), Path("spec.ingress"),
             "addresses of the control plane are let in, but calls come from the konnectivity agents in kube-system",
             &webhook);
  });
}

constexpr Rule rules[] = {{"GP510", network_policy_shuts_out_api_server},
                          {"GP511", gke_private_port},
                          {"GP512", eks_port_or_cni},
                          {"GP513", host_network_port_clash},
                          {"GP514", mesh_intercepts_backend},
                          {"GP519", network_policy_lacks_proxy_agent}};

}  // namespace

std::span<const Rule> network_rules() {
  return rules;
}

}  // namespace gatepost::lint
