#include "diagnose/backend.h"

#include <algorithm>
#include <fmt/format.h>

#include "diagnose/pods.h"

namespace gatepost::diagnose {
namespace {

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
  for (const json::Value* slice : cluster.slices.in(subject.service_namespace)) {
    if (json::string_at(*slice, {"metadata", "labels", "kubernetes.io/service-name"}) != subject.service_name) continue;
    const json::Array* endpoints = json::array_at(*slice, {"endpoints"});
    for (std::size_t i = 0; endpoints && i < endpoints->size(); ++i) {
      const json::Value& one = (*endpoints)[i];
      const json::Array* addresses = json::array_at(one, {"addresses"});
      if (!addresses || addresses->empty() || !addresses->front().is_string()) continue;
      backend.endpoints.push_back({std::string(json::view(addresses->front().get_string())),
                                   slice_port(*slice, port_name), json::bool_at(one, {"conditions", "ready"}, true)});
    }
  }
}

void add_workloads(const Table& table, const Subject& subject, std::int64_t usual, Backend& backend) {
  for (const json::Value* workload : table.in(subject.service_namespace)) {
    if (!picks(*backend.service, json::object_at(*workload, {"spec", "template", "metadata", "labels"}))) continue;
    backend.workloads.push_back(workload);
    backend.replicas += json::int_at(*workload, {"spec", "replicas"}, usual);
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

// Where the Service's target port differs from every port that the pods declare.
void check_target_port(const Backend& backend, Case& out) {
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
  const std::string wanted = target && target->is_string() ? std::string(json::view(target->get_string()))
                             : target && target->is_int64()
                                 ? std::to_string(target->get_int64())
                                 : std::to_string(json::int_at(*backend.service_port, {"port"}));
  out.see("target port", found, fmt::format("the Service targets {}, the containers declare {}", wanted, declared));
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
  add_workloads(cluster.deployments, subject, 1, backend);
  add_workloads(cluster.stateful_sets, subject, 1, backend);
  add_workloads(cluster.daemon_sets, subject, 1, backend);
  if (!backend.workloads.empty()) return;
  add_workloads(cluster.replica_sets, subject, 1, backend);  // nobody's, or their owner was not seen
}

void check_service(const Subject& subject, const Cluster& cluster, const Backend& backend, Case& out) {
  if (!subject.by_service()) return;
  report::Finding& finding = out.finding;
  const std::string service = finding.service, name = subject.service_name;
  if (!backend.service) {
    const bool there = cluster.has_namespace(subject.service_namespace);
    out.fact(there ? "service-gone" : "namespace-gone");
    out.see("service", false, "Service " + service + " does not exist" + (there ? "" : ", nor does its namespace"));
    finding.cause = "service-not-found";
    finding.tail = "service \"" + name + "\" not found";
    return;
  }
  out.see("service", true, "Service " + service + " exists");
  if (json::string_at(*backend.service, {"spec", "type"}) == "ExternalName") {
    out.fact("external-name");
    return;
  }
  if (!backend.service_port) {
    out.fact("service-port-gone");
    out.see("port", false, fmt::format("it has no port {}", subject.port));
    finding.cause = "service-not-found";
    finding.tail = fmt::format("no service port {} found for service \"{}\"", subject.port, name);
    return;
  }
  const int ready = backend.ready_endpoints();
  out.see("endpoints", ready > 0, fmt::format("{} of {} endpoints are ready", ready, backend.endpoints.size()));
  if (ready > 0) return;
  finding.cause = "no-endpoints";
  finding.tail = "no endpoints available for service \"" + name + "\"";
}

void check_pods(const Cluster& cluster, const Backend& backend, Case& out) {
  if (!backend.service) return;
  if (!backend.workloads.empty()) out.workload = json::string_at(*backend.workloads.front(), {"metadata", "name"});
  if (!backend.selects) {
    out.fact("no-selector");
    out.see("selector", std::nullopt, "the Service selects no pods; its endpoints are kept by hand");
    return;
  }
  const std::string selector = selector_text(*backend.service);
  if (!backend.workloads.empty()) {
    out.fact("workload-there");
    if (backend.replicas == 0) out.fact("workload-at-zero");
    out.see("workload", backend.replicas > 0, fmt::format("{} asks for {} pods", out.workload, backend.replicas));
  }
  if (backend.pods.empty()) {
    out.fact("no-pods");
    out.see("pods", false, "no pod has the labels " + selector);
    return;
  }
  std::size_t ready = 0;
  for (const json::Value* pod : backend.pods) ready += is_ready(*pod);
  out.see("pods", ready > 0,
          fmt::format("{} of {} pods with the labels {} are ready", ready, backend.pods.size(), selector));
  if (ready > 0) out.fact("pods-ready");
  for (const json::Value* pod : backend.pods) check_pod(*pod, cluster, out);
  check_target_port(backend, out);
}

}  // namespace gatepost::diagnose
