#include "lint/workload.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace gatepost::lint {
namespace {

struct Shape {
  std::string_view kind;
  std::string_view template_path;
};

constexpr std::array<Shape, 9> shapes = {{{"Deployment", "spec.template"},
                                          {"StatefulSet", "spec.template"},
                                          {"DaemonSet", "spec.template"},
                                          {"ReplicaSet", "spec.template"},
                                          {"ReplicationController", "spec.template"},
                                          {"Rollout", "spec.template"},
                                          {"Job", "spec.template"},
                                          {"CronJob", "spec.jobTemplate.spec.template"},
                                          {"Pod", ""}}};

template <class Each>
void for_each(const json::Array* list, Each each) {
  for (std::size_t i = 0; list && i < list->size(); ++i) each((*list)[i], i);
}

std::int64_t number_of(const json::Value& port) {
  return json::int_at(port, {"containerPort"});
}

}  // namespace

std::string_view Workload::pod_mark(std::string_view key) const {
  const std::string_view label = json::string_at(*pod, {"metadata", "labels", key});
  return label.empty() ? json::string_at(*pod, {"metadata", "annotations", key}) : label;
}

std::string Workload::service_account() const {
  std::string_view name = json::string_at(*pod, {"spec", "serviceAccountName"});
  if (name.empty()) name = json::string_at(*pod, {"spec", "serviceAccount"});
  return name.empty() ? "default" : std::string(name);
}

std::optional<std::int64_t> Workload::replicas() const {
  if (is_per_node()) return std::nullopt;
  if (kind() == "Pod") return 1;
  if (autoscaler) return json::int_at(*autoscaler, {"spec", "minReplicas"}, 1);
  return json::int_at(manifest->value, {"spec", "replicas"}, 1);
}

std::pair<const Manifest*, Path> Workload::replicas_place() const {
  if (autoscaler_manifest) return {autoscaler_manifest, Path("spec.minReplicas")};
  return {manifest, kind() == "Pod" ? Path("kind") : Path("spec.replicas")};
}

std::vector<Container> Workload::containers() const {
  std::vector<Container> out;
  for_each(json::array_at(*pod, {"spec", "containers"}), [&](const json::Value& value, std::size_t index) {
    out.push_back({&value, spec_path() / "containers" / index});
  });
  return out;
}

std::int64_t Workload::port_number(std::string_view name) const {
  std::int64_t out = 0;
  for (const Container& container : containers())
    for_each(json::array_at(*container.value, {"ports"}), [&](const json::Value& port, std::size_t) {
      if (out == 0 && json::string_at(port, {"name"}) == name) out = number_of(port);
    });
  return out;
}

bool Workload::declares_port(std::int64_t number) const {
  bool out = false;
  for (const Container& container : containers())
    for_each(json::array_at(*container.value, {"ports"}),
             [&](const json::Value& port, std::size_t) { out = out || number_of(port) == number; });
  return out;
}

std::optional<Container> Workload::container_of_port(std::int64_t number) const {
  const std::vector<Container> all = containers();
  for (const Container& container : all) {
    bool declares = false;
    for_each(json::array_at(*container.value, {"ports"}),
             [&](const json::Value& port, std::size_t) { declares = declares || number_of(port) == number; });
    if (declares) return container;
  }
  if (all.empty()) return std::nullopt;
  return all.front();
}

std::vector<std::string> Workload::secrets() const {
  std::vector<std::string> out;
  auto add = [&](std::string_view name) {
    if (!name.empty() && std::find(out.begin(), out.end(), name) == out.end()) out.emplace_back(name);
  };
  for_each(json::array_at(*pod, {"spec", "volumes"}), [&](const json::Value& volume, std::size_t) {
    add(json::string_at(volume, {"secret", "secretName"}));
    for_each(json::array_at(volume, {"projected", "sources"}),
             [&](const json::Value& one, std::size_t) { add(json::string_at(one, {"secret", "name"})); });
  });
  return out;
}

std::optional<Workload> as_workload(const Manifest& manifest) {
  for (const Shape& shape : shapes) {
    if (shape.kind != manifest.kind) continue;
    Workload out;
    out.manifest = &manifest;
    if (manifest.kind == "Pod" || manifest.kind == "ReplicaSet") {
      const json::Array* owners = json::array_at(manifest.value, {"metadata", "ownerReferences"});
      if (owners && !owners->empty()) return std::nullopt;
    }
    out.template_path = Path(shape.template_path);
    const json::Value* at = &manifest.value;
    for (const Step& step : out.template_path.steps())
      if (at) at = json::find(*at, step.key);
    if (!at || !at->is_object()) return std::nullopt;
    out.pod = at;
    return out;
  }
  return std::nullopt;
}

std::optional<std::int64_t> count_or_percent(const json::Value* value, std::int64_t of, Rounding rounding) {
  if (!value) return std::nullopt;
  if (value->is_int64()) return value->get_int64();
  if (!value->is_string()) return std::nullopt;
  const std::string_view text = json::view(value->get_string());
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0 || number > 1'000'000) return std::nullopt;
  if (end == text.data() + text.size()) return number;
  if (*end != '%') return std::nullopt;
  return (number * of + (rounding == Rounding::up ? 99 : 0)) / 100;
}

}  // namespace gatepost::lint
