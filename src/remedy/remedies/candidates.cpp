#include "remedy/remedies/candidates.h"

#include <algorithm>
#include <fmt/format.h>

#include "diagnose/nearest.h"

namespace gatepost::remedy {
namespace {

// Names of ports that never serve webhooks.
constexpr std::string_view other_ports[] = {"metrics", "health", "probe", "prof", "debug", "admin", "http-"};
constexpr std::string_view webhook_ports[] = {"webhook", "https", "admission", "tls"};

struct Port {
  std::int64_t number = 0;
  std::string name;
  bool operator==(const Port&) const = default;
};

bool names_one_of(const std::string& name, std::span<const std::string_view> parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [&](std::string_view part) { return name.find(part) != std::string::npos; });
}

std::vector<Port> declared_ports(const Ill& ill) {
  std::vector<Port> out;
  const auto read = [&out](const json::Value* spec) {
    const json::Array* containers = spec ? json::array_at(*spec, {"containers"}) : nullptr;
    for (std::size_t i = 0; containers && i < containers->size(); ++i) {
      const json::Array* ports = json::array_at((*containers)[i], {"ports"});
      for (std::size_t k = 0; ports && k < ports->size(); ++k) {
        Port port{json::int_at((*ports)[k], {"containerPort"}), std::string(json::string_at((*ports)[k], {"name"}))};
        if (std::find(out.begin(), out.end(), port) == out.end()) out.push_back(std::move(port));
      }
    }
  };
  for (const json::Value* pod : ill.backend.pods) read(json::find(*pod, "spec"));
  if (ill.backend.pods.empty())
    for (const diagnose::Workload& workload : ill.backend.workloads)
      read(json::find_path(*workload.object, {"spec", "template", "spec"}));
  return out;
}

// The one that fits best: the only one, or the only one whose name says webhook, or the only one that is not something
// else's.
std::optional<Port> best(std::vector<Port> ports) {
  if (ports.size() == 1) return ports.front();
  std::vector<Port> by_name = ports;
  std::erase_if(
      by_name, [](const Port& p) { return !names_one_of(p.name, webhook_ports) || names_one_of(p.name, other_ports); });
  if (by_name.size() == 1) return by_name.front();
  std::erase_if(ports, [](const Port& p) { return names_one_of(p.name, other_ports) || p.name == "http"; });
  if (ports.size() == 1) return ports.front();
  return std::nullopt;
}

std::string listed(const std::vector<Port>& ports) {
  std::string out;
  for (const Port& port : ports)
    out += fmt::format("{}{}{}", out.empty() ? "" : ", ", port.number, port.name.empty() ? "" : " " + port.name);
  return out;
}

std::string text_of(const json::Value& value) {
  return value.is_string() ? std::string(json::view(value.get_string())) : std::string();
}

std::string pairs(const json::Object& labels) {
  std::string out;
  for (const auto& [key, value] : labels) out += (out.empty() ? "" : ",") + std::string(key) + "=" + text_of(value);
  return out;
}

// How well a Service's selector fits a workload's labels: pairs that agree and values or keys that are written alike.
int likeness(const json::Object& selector, const json::Object& labels) {
  int out = 0;
  for (const auto& [key, value] : selector) {
    const json::Value* found = labels.if_contains(key);
    if (found && *found == value) {
      out += 2;
    } else if (found && !diagnose::nearest(text_of(value), {text_of(*found)}).empty()) {
      out += 1;
    } else if (!found) {
      for (const auto& [other, same] : labels)
        if (same == value && !diagnose::nearest(std::string(key), {std::string(other)}).empty()) out += 1;
    }
  }
  return out;
}

}  // namespace

bool has_port(const json::Value& service, int port) {
  const json::Array* ports = json::array_at(service, {"spec", "ports"});
  return ports && std::any_of(ports->begin(), ports->end(),
                              [&](const json::Value& one) { return json::int_at(one, {"port"}) == port; });
}

Choice<std::int64_t> service_port_for(const json::Value& service, int wrong) {
  std::vector<Port> ports;
  if (const json::Array* list = json::array_at(service, {"spec", "ports"}))
    for (const json::Value& one : *list)
      ports.push_back({json::int_at(one, {"port"}), std::string(json::string_at(one, {"name"}))});
  if (auto one = best(ports)) return {one->number, fmt::format("the Service has {}", listed(ports)), ""};
  // A webhook that names the port of the pods instead of the Service's.
  std::vector<std::int64_t> leading;
  if (const json::Array* list = json::array_at(service, {"spec", "ports"}))
    for (const json::Value& one : *list)
      if (json::int_at(one, {"targetPort"}) == wrong) leading.push_back(json::int_at(one, {"port"}));
  if (leading.size() == 1) return {leading.front(), fmt::format("it leads to the pods' port {}", wrong), ""};
  const bool secure = std::any_of(ports.begin(), ports.end(), [](const Port& p) { return p.number == 443; });
  if (secure) return {443, fmt::format("of {}, the one for https", listed(ports)), ""};
  return {std::nullopt, "",
          ports.empty() ? "the Service has no ports"
                        : fmt::format("several ports fit ({}): name the right one by hand", listed(ports))};
}

Choice<json::Value> target_port_for(const Ill& ill) {
  const std::vector<Port> ports = declared_ports(ill);
  const json::Value* present = ill.backend.service_port ? json::find(*ill.backend.service_port, "targetPort") : nullptr;
  std::optional<Port> one = best(ports);
  if (present && present->is_string()) {
    std::vector<std::string> names;
    for (const Port& port : ports)
      if (!port.name.empty()) names.push_back(port.name);
    const auto similar = diagnose::nearest(text_of(*present), names);
    if (similar.size() == 1)
      one = *std::find_if(ports.begin(), ports.end(), [&](const Port& p) { return p.name == similar.front(); });
  }
  if (!one)
    return {std::nullopt, "",
            ports.empty() ? "the containers declare no ports: find out which one serves TLS (kubectl exec ... ss -ltn) "
                            "and set targetPort"
                          : fmt::format("several ports fit ({}): set targetPort by hand", listed(ports))};
  json::Value value = one->name.empty() ? json::Value(one->number) : json::Value(one->name);
  if (present && *present == value)
    return {std::nullopt, "", "targetPort is the port that the containers declare already"};
  return {std::move(value), fmt::format("{}, which the containers declare", listed({*one})), ""};
}

Choice<json::Object> selector_for(const Scene& scene, const Ill& ill) {
  const json::Object* selector = json::object_at(*ill.backend.service, {"spec", "selector"});
  const std::string ns = ill.subject->service_namespace;
  struct Fit {
    int likeness = 0;
    json::Object labels;
    std::string name;
  };
  std::vector<Fit> fits;
  std::size_t workloads = 0;
  for (const diagnose::Table* table :
       {&scene.cluster.deployments, &scene.cluster.stateful_sets, &scene.cluster.daemon_sets}) {
    for (const json::Value* workload : table->in(ns)) {
      const json::Object* labels = json::object_at(*workload, {"spec", "template", "metadata", "labels"});
      const json::Object* own = json::object_at(*workload, {"spec", "selector", "matchLabels"});
      if (!labels || !own || own->empty()) continue;
      ++workloads;
      const std::string name(json::string_at(*workload, {"metadata", "name"}));
      int fit = selector ? likeness(*selector, *labels) : 0;
      if (!diagnose::nearest(ill.subject->service_name, {name}).empty()) fit += 1;
      if (fit > 0) fits.push_back({fit, json::Object(*own, json::Storage()), name});
    }
  }
  std::stable_sort(fits.begin(), fits.end(), [](const Fit& a, const Fit& b) { return a.likeness > b.likeness; });
  if (fits.empty())
    return {std::nullopt, "",
            workloads == 0 ? "there is no workload in " + ns + ": install the product again"
                           : "no workload in " + ns + " has labels like the Service's selector"};
  if (fits.size() > 1 && fits[0].likeness == fits[1].likeness)
    return {std::nullopt, "",
            fmt::format("several workloads fit ({}, {}): set the selector by hand", fits[0].name, fits[1].name)};
  std::string reason = fmt::format("{}, the labels of {}", pairs(fits[0].labels), fits[0].name);
  return {std::move(fits[0].labels), std::move(reason), ""};
}

}  // namespace gatepost::remedy
