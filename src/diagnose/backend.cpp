#include "diagnose/backend.h"

#include <algorithm>
#include <fmt/format.h>

#include "diagnose/pods.h"

namespace gatepost::diagnose {
namespace {

constexpr std::size_t most_pods_told = 5;

bool picks(const json::Value& service, const json::Object* labels) {
  const json::Object* selector = json::object_at(service, {"spec", "selector"});
  if (!selector || selector->empty() || !labels) return false;
  return std::all_of(selector->begin(), selector->end(), [&](const auto& wanted) {
    const json::Value* found = labels->if_contains(wanted.key());
    return found && *found == wanted.value();
  });
}

// The number of the slice's port that the Service's port leads to; the only one where names do not tell.
int slice_port(const json::Value& slice, std::string_view name) {
  const json::Array* ports = json::array_at(slice, {"ports"});
  if (!ports) return 0;
  for (const json::Value& port : *ports)
    if (json::string_at(port, {"name"}) == name || ports->size() == 1)
      return static_cast<int>(json::int_at(port, {"port"}));
  return 0;
}

void read_slices(const Subject& subject, const Cluster& cluster, Backend& backend) {
  const std::string_view port_name = backend.service_port ? json::string_at(*backend.service_port, {"name"}) : "";
  for (const json::Value* slice : cluster.slices.of_service(subject.service_namespace, subject.service_name)) {
    const json::Array* endpoints = json::array_at(*slice, {"endpoints"});
    for (std::size_t i = 0; endpoints && i < endpoints->size(); ++i) {
      const json::Value& one = (*endpoints)[i];
      const json::Array* addresses = json::array_at(one, {"addresses"});
      if (!addresses || addresses->empty() || !addresses->front().is_string()) continue;
      backend.endpoints.push_back({std::string(json::view(addresses->front().get_string())),
                                   slice_port(*slice, port_name), json::bool_at(one, {"conditions", "ready"}, true),
                                   json::bool_at(one, {"conditions", "terminating"}),
                                   std::string(json::string_at(one, {"targetRef", "name"}))});
    }
  }
}

void add_workloads(const Table& table, const char* kind, const Subject& subject, Backend& backend) {
  for (const json::Value* workload : table.in(subject.service_namespace)) {
    if (!picks(*backend.service, json::object_at(*workload, {"spec", "template", "metadata", "labels"}))) continue;
    backend.workloads.push_back({kind, workload});
    backend.replicas += json::int_at(*workload, {"spec", "replicas"}, 1);
  }
}

// A PodDisruptionBudget that picks the pods and leaves none to spare blocks the drain of their node.
void check_budgets(const Subject& subject, const Cluster& cluster, const Backend& backend, Case& out) {
  for (const json::Value* budget : cluster.budgets.in(subject.service_namespace)) {
    auto selector = admission::read_selector(*json::find(*budget, "spec"), "selector");
    if (!selector || std::none_of(backend.pods.begin(), backend.pods.end(), [&](const json::Value* pod) {
          return selector->matches(json::object_at(*pod, {"metadata", "labels"}));
        }))
      continue;
    const std::int64_t spare = json::int_at(*budget, {"status", "disruptionsAllowed"});
    out.see("disruption budget", std::nullopt,
            fmt::format("PodDisruptionBudget {} picks the pods and allows {} disruptions",
                        json::string_at(*budget, {"metadata", "name"}), spare),
            "kubectl -n " + subject.service_namespace + " get poddisruptionbudgets");
  }
}

void check_sidecars(const Backend& backend, Case& out) {
  static constexpr std::string_view proxies[] = {"istio-proxy", "linkerd-proxy", "envoy", "consul-dataplane",
                                                 "kuma-sidecar"};
  for (const json::Value* pod : backend.pods)
    for (std::string_view list : {"containers", "initContainers"})
      if (const json::Array* containers = json::array_at(*pod, {"spec", list}))
        for (const json::Value& one : *containers) {
          const std::string_view name = json::string_at(one, {"name"});
          if (out.has("sidecar") || std::find(std::begin(proxies), std::end(proxies), name) == std::end(proxies))
            continue;
          out.fact("sidecar");
          out.see("sidecar", std::nullopt,
                  fmt::format("{} runs {} beside the webhook: calls may end there",
                              json::string_at(*pod, {"metadata", "name"}), name));
        }
}

std::string selector_text(const json::Value& service) {
  std::string out;
  if (const json::Object* selector = json::object_at(service, {"spec", "selector"}))
    for (const auto& [key, value] : *selector)
      if (value.is_string())
        out += (out.empty() ? "" : ",") + std::string(key) + "=" + std::string(json::view(value.get_string()));
  return out;
}

// What a port of a Service targets: a number or a name.
std::string target_text(const json::Value& service_port) {
  const json::Value* target = json::find(service_port, "targetPort");
  if (target && target->is_string()) return std::string(json::view(target->get_string()));
  return std::to_string(target && target->is_int64() ? target->get_int64() : json::int_at(service_port, {"port"}));
}

std::string ports_text(const json::Value& service) {
  std::string out;
  if (const json::Array* ports = json::array_at(service, {"spec", "ports"}))
    for (const json::Value& port : *ports)
      out += (out.empty() ? "" : ", ") + std::to_string(json::int_at(port, {"port"}));
  return out;
}

// Who installed a configuration whose Service is gone: what is left of a release.
void check_release(const Subject& subject, const Cluster& cluster, Case& out) {
  const std::string_view release =
      json::string_at(*subject.owner, {"metadata", "annotations", "meta.helm.sh/release-name"});
  const std::string_view ns =
      json::string_at(*subject.owner, {"metadata", "annotations", "meta.helm.sh/release-namespace"});
  if (release.empty()) return;
  const bool there = cluster.has_namespace(ns);
  out.see("release", there ? std::nullopt : std::optional(false),
          fmt::format("installed by the Helm release {} in namespace {}{}", release, ns,
                      there ? "" : ", which does not exist any more"),
          fmt::format("helm -n {} status {}", ns, release));
}

// Where the Service's target port differs from every port that the pods declare.
void check_target_port(const Subject& subject, const Backend& backend, Case& out) {
  if (!backend.service_port || backend.pods.empty()) return;
  const json::Value* target = json::find(*backend.service_port, "targetPort");
  std::string declared;
  bool found = false;
  for (const json::Value* pod : backend.pods) {
    const json::Array* containers = json::array_at(*pod, {"spec", "containers"});
    for (std::size_t i = 0; containers && i < containers->size(); ++i) {
      const json::Array* ports = json::array_at((*containers)[i], {"ports"});
      for (std::size_t k = 0; ports && k < ports->size(); ++k) {
        const std::int64_t number = json::int_at((*ports)[k], {"containerPort"});
        const std::string_view name = json::string_at((*ports)[k], {"name"});
        const std::int64_t wanted =
            target && target->is_int64() ? target->get_int64() : json::int_at(*backend.service_port, {"port"});
        if (target && target->is_string() ? json::view(target->get_string()) == name : wanted == number) found = true;
        const std::string shown = fmt::format("{}{}{}", number, name.empty() ? "" : " ", name);
        if (declared.find(shown) == std::string::npos) declared += (declared.empty() ? "" : ", ") + shown;
      }
    }
  }
  if (declared.empty()) return;
  const std::string wanted = target_text(*backend.service_port);
  out.see("target port", found, fmt::format("the Service targets {}, the containers declare {}", wanted, declared),
          fmt::format("kubectl -n {} get pods -l {} -o jsonpath='{{.items[*].spec.containers[*].ports}}'",
                      subject.service_namespace, selector_text(*backend.service)));
  out.fact(found ? "target-port-declared" : "target-port-undeclared");
}

}  // namespace

int Backend::ready_endpoints() const {
  return static_cast<int>(std::count_if(endpoints.begin(), endpoints.end(), [](const Endpoint& e) { return e.ready; }));
}

Backend find_backend(const Subject& subject, const Cluster& cluster) {
  Backend out;
  if (!subject.by_service()) return out;
  out.service = cluster.services.find(subject.service_namespace, subject.service_name);
  if (!out.service) return out;
  const json::Object* selector = json::object_at(*out.service, {"spec", "selector"});
  out.selects = selector && !selector->empty();
  if (const json::Array* ports = json::array_at(*out.service, {"spec", "ports"}))
    for (const json::Value& port : *ports)
      if (json::int_at(port, {"port"}) == subject.port) out.service_port = &port;
  read_slices(subject, cluster, out);
  return out;
}

void find_pods(const Subject& subject, const Cluster& cluster, Backend& backend) {
  if (!backend.service) return;
  for (const json::Value* pod : cluster.pods.in(subject.service_namespace))
    if (picks(*backend.service, json::object_at(*pod, {"metadata", "labels"})) &&
        json::string_at(*pod, {"metadata", "deletionTimestamp"}).empty())
      backend.pods.push_back(pod);
  add_workloads(cluster.deployments, "deployment", subject, backend);
  add_workloads(cluster.stateful_sets, "statefulset", subject, backend);
  add_workloads(cluster.daemon_sets, "daemonset", subject, backend);
  if (!backend.workloads.empty()) return;
  add_workloads(cluster.replica_sets, "replicaset", subject, backend);  // nobody's, or their owner was not seen
}

void check_service(const Subject& subject, const Cluster& cluster, const Backend& backend, Case& out) {
  if (!subject.by_service()) return;
  report::Finding& finding = out.finding;
  const std::string service = finding.service, name = subject.service_name;
  const std::string shown = "kubectl -n " + subject.service_namespace + " get service " + name + " -o yaml";
  if (!backend.service) {
    const bool there = cluster.has_namespace(subject.service_namespace);
    out.fact(there ? "service-gone" : "namespace-gone");
    out.see("service", false, "Service " + service + " does not exist" + (there ? "" : ", nor does its namespace"),
            shown);
    check_release(subject, cluster, out);
    finding.cause = "service-not-found";
    finding.tail = "service \"" + name + "\" not found";
    return;
  }
  if (json::string_at(*backend.service, {"spec", "type"}) == "ExternalName") {
    out.fact("external-name");
    out.see(
        "service", std::nullopt,
        fmt::format("Service {} stands for {}", service, json::string_at(*backend.service, {"spec", "externalName"})),
        shown);
    return;
  }
  out.see("service", true,
          backend.service_port ? fmt::format("Service {} exists; port {} targets {}", service, subject.port,
                                             target_text(*backend.service_port))
                               : "Service " + service + " exists",
          shown);
  if (!backend.service_port) {
    out.fact("service-port-gone");
    out.see("port", false, fmt::format("it has no port {}, only {}", subject.port, ports_text(*backend.service)),
            shown);
    finding.cause = "service-not-found";
    finding.tail = fmt::format("no service port {} found for service \"{}\"", subject.port, name);
    return;
  }
  const int ready = backend.ready_endpoints();
  const auto going = std::count_if(backend.endpoints.begin(), backend.endpoints.end(),
                                   [](const Endpoint& e) { return e.terminating; });
  out.see("endpoints", ready > 0,
          fmt::format("{} of {} endpoints are ready{}", ready, backend.endpoints.size(),
                      going > 0 ? fmt::format(", {} are terminating", going) : ""),
          fmt::format("kubectl -n {} get endpointslices -l kubernetes.io/service-name={}", subject.service_namespace,
                      name));
  if (ready > 0) return;
  finding.cause = "no-endpoints";
  finding.tail = "no endpoints available for service \"" + name + "\"";
}

const json::Object* pod_labels(const Subject& subject, const Cluster& cluster) {
  const json::Value* service = cluster.services.find(subject.service_namespace, subject.service_name);
  if (!service) return nullptr;
  for (const Table* table : {&cluster.deployments, &cluster.stateful_sets, &cluster.daemon_sets, &cluster.replica_sets})
    for (const json::Value* workload : table->in(subject.service_namespace))
      if (const json::Object* labels = json::object_at(*workload, {"spec", "template", "metadata", "labels"});
          picks(*service, labels))
        return labels;
  return json::object_at(*service, {"spec", "selector"});
}

void check_pods(const Subject& subject, const Cluster& cluster, const Backend& backend, Case& out) {
  if (!backend.service) return;
  const std::string in_namespace = "kubectl -n " + subject.service_namespace;
  if (!backend.workloads.empty()) {
    const Workload& workload = backend.workloads.front();
    out.workload = json::string_at(*workload.object, {"metadata", "name"});
    out.workload_kind = workload.kind;
  }
  if (!backend.selects) {
    out.fact("no-selector");
    out.see("selector", std::nullopt, "the Service selects no pods; its endpoints are kept by hand");
    return;
  }
  const std::string selector = selector_text(*backend.service);
  if (!backend.workloads.empty()) {
    out.fact("workload-there");
    if (backend.replicas == 0) out.fact("workload-at-zero");
    out.see("workload", backend.replicas > 0,
            fmt::format("{} {} asks for {} pods", out.workload_kind, out.workload, backend.replicas),
            fmt::format("{} get {} {}", in_namespace, out.workload_kind, out.workload));
  }
  const std::string shown = fmt::format("{} get pods -l {} -o wide", in_namespace, selector);
  if (backend.pods.empty()) {
    out.fact("no-pods");
    out.see("pods", false, "no pod has the labels " + selector, shown);
    return;
  }
  std::size_t ready = 0, on_host = 0;
  for (const json::Value* pod : backend.pods) {
    ready += is_ready(*pod);
    on_host += json::bool_at(*pod, {"spec", "hostNetwork"});
  }
  out.see("pods", ready > 0,
          fmt::format("{} of {} pods with the labels {} are ready", ready, backend.pods.size(), selector), shown);
  if (ready > 0) out.fact("pods-ready");
  if (on_host > 0)
    out.see("host network", std::nullopt, fmt::format("{} pods use their node's network and its ports", on_host),
            shown);
  std::size_t told = 0;
  for (bool good : {false, true})
    for (const json::Value* pod : backend.pods)
      if (is_ready(*pod) == good && ++told <= most_pods_told) check_pod(*pod, cluster, out);
  check_target_port(subject, backend, out);
  check_sidecars(backend, out);
  check_budgets(subject, cluster, backend, out);
}

}  // namespace gatepost::diagnose
