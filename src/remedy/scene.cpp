#include "remedy/scene.h"

#include <algorithm>
#include <array>
#include <utility>

namespace gatepost::remedy {
namespace {

constexpr std::array<std::string_view, 9> platform_names = {"unknown", "gke",  "eks",  "aks",     "openshift",
                                                            "k3s",     "rke2", "kind", "minikube"};

}  // namespace

std::string_view to_string(Platform platform) {
  return platform_names[static_cast<std::size_t>(platform)];
}

Platform platform_of(std::string_view git_version, std::string_view provider_id, bool openshift_api) {
  const auto version_has = [&](std::string_view part) { return git_version.find(part) != std::string_view::npos; };
  if (openshift_api) return Platform::openshift;
  if (version_has("-gke.")) return Platform::gke;
  if (version_has("-eks-")) return Platform::eks;
  if (version_has("+k3s")) return Platform::k3s;
  if (version_has("+rke2")) return Platform::rke2;
  if (provider_id.starts_with("azure://")) return Platform::aks;
  if (provider_id.starts_with("k3s://")) return Platform::k3s;
  if (provider_id.starts_with("kind://")) return Platform::kind;
  if (provider_id.starts_with("minikube://")) return Platform::minikube;
  return Platform::unknown;
}

json::Value Scene::current(const json::Value& object, const ObjectRef& ref) const {
  const auto found = planned.find(path_of(ref));
  if (found != planned.end()) return json::Value(found->second, json::Storage());
  return whole(object, ref);
}

ObjectRef Ill::configuration() const {
  return {"admissionregistration.k8s.io/v1", subject->kind, "", subject->configuration};
}

Repair repair_for(const Ill& ill, std::string remedy) {
  Repair out;
  out.remedy = std::move(remedy);
  out.webhook = ill.finding.webhook;
  out.configuration = ill.finding.configuration;
  out.cause = ill.finding.cause;
  out.root_cause = ill.finding.root_cause;
  out.probe = ill.probe;
  out.verify = ill.probe.path.empty() ? "gatepost diagnose " + ill.finding.webhook + " finds nothing any more"
                                      : "a dry run that the API server calls the webhook for: POST " + ill.probe.path;
  return out;
}

Step update_step(Scene& scene, std::string id, const ObjectRef& ref, json::Value before, json::Value after,
                 std::string summary) {
  Step out;
  out.id = std::move(id);
  out.object = ref;
  out.summary = std::move(summary);
  scene.planned.insert_or_assign(path_of(ref), after);
  out.before = std::move(before);
  out.after = std::move(after);
  return out;
}

json::Value* entry_of(json::Value& configuration, std::string_view webhook) {
  json::Value* hooks = configuration.is_object() ? configuration.get_object().if_contains("webhooks") : nullptr;
  if (!hooks || !hooks->is_array()) return nullptr;
  for (json::Value& hook : hooks->get_array())
    if (json::string_at(hook, {"name"}) == webhook) return &hook;
  return nullptr;
}

ObjectRef workload_ref(const diagnose::Workload& workload) {
  constexpr std::pair<std::string_view, std::string_view> kinds[] = {
      {"deployment", "Deployment"}, {"statefulset", "StatefulSet"}, {"daemonset", "DaemonSet"}};
  for (const auto& [word, kind] : kinds)
    if (word == workload.kind) return ref_of(*workload.object, "apps/v1", kind);
  return ref_of(*workload.object, "apps/v1", "ReplicaSet");
}

}  // namespace gatepost::remedy
