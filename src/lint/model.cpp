#include "lint/model.h"

#include <algorithm>

#include "lint/join.h"

namespace gatepost::lint {

Model::Model(Manifests manifests, const std::deque<SourceFile>& files, Origin origin, Settings settings, WallTime now,
             Observed observed)
    : manifests_(std::move(manifests)),
      files_(files),
      origin_(origin),
      settings_(std::move(settings)),
      now_(now),
      observed_(std::move(observed)),
      registry_(kube::Registry::builtin()) {
  index();
  for (const Manifest& manifest : manifests_.list) {
    read_webhooks(manifest, webhooks_);
    if (auto workload = as_workload(manifest)) workloads_.push_back(std::move(*workload));
  }
  join();
}

void Model::index() {
  for (const Manifest& manifest : manifests_.list) {
    by_kind_[manifest.kind].push_back(&manifest);
    by_name_[manifest.kind + "/" + manifest.name].push_back(&manifest);
    if (!manifest.ns.empty()) inhabited_.insert(manifest.ns);
  }
}

void Model::join() {
  for (Workload& workload : workloads_) {
    for (const Manifest* scaler : of_kind_in("HorizontalPodAutoscaler", workload.manifest->ns)) {
      if (scaler->text({"spec", "scaleTargetRef", "name"}) != workload.manifest->name ||
          scaler->text({"spec", "scaleTargetRef", "kind"}) != workload.manifest->kind)
        continue;
      workload.autoscaler_manifest = scaler;
      workload.autoscaler = &scaler->value;
    }
  }
  for (Webhook& webhook : webhooks_) {
    if (!webhook.service) continue;
    webhook.service_manifest = find("Service", webhook.service->ns, webhook.service->name);
    if (!webhook.service_manifest) continue;
    const json::Object* selector = json::object_at(webhook.service_manifest->value, {"spec", "selector"});
    if (!selector || selector->empty()) continue;
    for (const Workload* workload : workloads_in(webhook.service->ns))
      if (carries(workload->pod_labels(), *selector)) webhook.workloads.push_back(workload);
    webhook.container_port = container_port(webhook);
    for (const Workload* workload : webhook.workloads) webhooks_of_[workload].push_back(&webhook);
  }
}

const std::vector<const Manifest*>& Model::of_kind(std::string_view kind) const {
  static const std::vector<const Manifest*> none;
  auto found = by_kind_.find(kind);
  return found == by_kind_.end() ? none : found->second;
}

std::vector<const Manifest*> Model::of_kind_in(std::string_view kind, std::string_view ns) const {
  std::vector<const Manifest*> out;
  for (const Manifest* manifest : of_kind(kind))
    if (manifest->ns == ns || manifest->ns.empty() || ns.empty()) out.push_back(manifest);
  return out;
}

const Manifest* Model::find(std::string_view kind, std::string_view ns, std::string_view name) const {
  auto found = by_name_.find(std::string(kind) + "/" + std::string(name));
  if (found == by_name_.end()) return nullptr;
  const Manifest* anywhere = nullptr;
  for (const Manifest* manifest : found->second) {
    if (manifest->ns == ns || ns.empty()) return manifest;
    if (manifest->ns.empty()) anywhere = manifest;
  }
  return anywhere;
}

const std::vector<const Webhook*>& Model::webhooks_of(const Workload& workload) const {
  static const std::vector<const Webhook*> none;
  auto found = webhooks_of_.find(&workload);
  return found == webhooks_of_.end() ? none : found->second;
}

std::vector<const Workload*> Model::workloads_in(std::string_view ns) const {
  std::vector<const Workload*> out;
  for (const Workload& workload : workloads_)
    if ((workload.manifest->ns == ns || workload.manifest->ns.empty()) && workload.kind() != "Job" &&
        workload.kind() != "CronJob")
      out.push_back(&workload);
  return out;
}

const json::Object& Model::namespace_labels(std::string_view ns) const {
  auto known = labels_.find(ns);
  if (known != labels_.end()) return known->second;
  json::Object labels;
  const Manifest* found = find("Namespace", "", ns);
  if (found && found->labels()) labels = *found->labels();
  labels["kubernetes.io/metadata.name"] = ns;
  return labels_.emplace(std::string(ns), std::move(labels)).first->second;
}

bool Model::has_company() const {
  return of_kind("ValidatingWebhookConfiguration").size() + of_kind("MutatingWebhookConfiguration").size() <
         manifests_.list.size();
}

const Manifest* Model::definition(std::string_view group, std::string_view resource) const {
  for (const Manifest* definition : of_kind("CustomResourceDefinition"))
    if (definition->text({"spec", "group"}) == group && definition->text({"spec", "names", "plural"}) == resource)
      return definition;
  return nullptr;
}

}  // namespace gatepost::lint
