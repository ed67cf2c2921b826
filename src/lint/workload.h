// What runs a webhook's backend: a workload's pods as its template describes them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lint/manifest.h"

namespace gatepost::lint {

struct Container {
  const json::Value* value = nullptr;
  Path path;
};

struct Workload {
  const Manifest* manifest = nullptr;
  Path template_path;                       // of the pod template; empty for a Pod
  const json::Value* pod = nullptr;         // the template, or the Pod itself: metadata and spec
  const json::Value* autoscaler = nullptr;  // a HorizontalPodAutoscaler's object
  const Manifest* autoscaler_manifest = nullptr;

  std::string_view kind() const { return manifest->kind; }
  bool is_per_node() const { return manifest->kind == "DaemonSet"; }
  const json::Object* pod_labels() const { return json::object_at(*pod, {"metadata", "labels"}); }
  // A label or an annotation of its pods.
  std::string_view pod_mark(std::string_view key) const;
  const json::Value* spec(std::string_view field) const { return json::find_path(*pod, {"spec", field}); }
  Path spec_path() const { return template_path / "spec"; }
  std::string service_account() const;
  // The least number of pods that are meant to run; empty for one on every node.
  std::optional<std::int64_t> replicas() const;
  // Where that number is written.
  std::pair<const Manifest*, Path> replicas_place() const;
  // Init containers that keep running (sidecars) are left out.
  std::vector<Container> containers() const;
  // The number behind a port's name; 0 if no container declares it.
  std::int64_t port_number(std::string_view name) const;
  bool declares_port(std::int64_t number) const;
  // The container that declares the port; the first one if none does; nothing without containers.
  std::optional<Container> container_of_port(std::int64_t number) const;
  bool host_network() const { return json::bool_at(*pod, {"spec", "hostNetwork"}); }
  // Names of Secrets that it mounts or reads.
  std::vector<std::string> secrets() const;
};

// A workload of a kind that has pods; nothing for other kinds, and for pods that another object owns.
std::optional<Workload> as_workload(const Manifest& manifest);

// "50%" of `of`, or the number itself; rounded up or down as Kubernetes does it for that field.
enum class Rounding { up, down };
std::optional<std::int64_t> count_or_percent(const json::Value* value, std::int64_t of, Rounding rounding);

}  // namespace gatepost::lint
