// GP7: what cannot come back by itself.
#include <set>

#include "lint/rbac.h"
#include "lint/rules/common.h"
#include "lint/trust.h"

namespace gatepost::lint {
namespace {

constexpr Target pods{"", "pods", ""};
constexpr std::array pod_makers = {pods, Target{"apps", "replicasets", ""}};

// Whether new pods of the workload, or of whoever runs in the namespace, have to ask the webhook.
bool stops_pods_in(const Model& model, const Webhook& webhook, std::string_view ns,
                   const std::vector<const Workload*>& workloads) {
  if (!webhook.fails_closed) return false;
  if (!workloads.empty() && model.asks_for(webhook, pods, create_only))
    return std::any_of(workloads.begin(), workloads.end(),
                       [&](const Workload* workload) { return model.meets_pod_of(webhook, *workload); });
  return std::any_of(pod_makers.begin(), pod_makers.end(),
                     [&](const Target& target) { return model.asks_for_in(webhook, target, create_only, ns); });
}

bool is_in_cluster(const Webhook& webhook) {
  return webhook.service && !webhook.is_api_server();
}

void self_deadlock(const Model& model, Sink& sink) {
  for (const Webhook& webhook : model.webhooks())
    if (is_in_cluster(webhook) && stops_pods_in(model, webhook, webhook.service->ns, webhook.workloads))
      sink.add(webhook, "namespaceSelector",
               fmt::format("without a running backend no pod can be created in {}, so it never runs again",
                           webhook.service->ns));
}

void mutual_deadlock(const Model& model, Sink& sink) {
  // Namespaces of backends rather than pairs of webhooks: many webhooks share one.
  std::set<std::pair<std::string, std::string>> told;
  std::vector<const Webhook*> closed;
  for (const Webhook& webhook : model.webhooks())
    if (webhook.fails_closed && is_in_cluster(webhook) &&
        (model.asks_for(webhook, pods, create_only) || model.asks_for(webhook, pod_makers[1], create_only)))
      closed.push_back(&webhook);
  constexpr std::size_t most_compared = 200;
  closed.resize(std::min(closed.size(), most_compared));
  for (const Webhook* a : closed)
    for (const Webhook* b : closed) {
      if (a == b || a->service->text() == b->service->text()) continue;
      if (!stops_pods_in(model, *a, b->service->ns, b->workloads) ||
          !stops_pods_in(model, *b, a->service->ns, a->workloads))
        continue;
      const auto ends = std::minmax(a->service->text(), b->service->text());
      if (!told.emplace(ends.first, ends.second).second) continue;
      sink.add(*b, "namespaceSelector",
               fmt::format("pods in {} need {}, pods in {} need {}: once both are down, neither starts", a->service->ns,
                           b->name, b->service->ns, a->name));
    }
}

struct PlatformPod {
  std::string_view ns, what, label, value;
};
constexpr std::array platform = {PlatformPod{"kube-system", "DNS", "k8s-app", "kube-dns"},
                                 PlatformPod{"kube-system", "kube-proxy", "k8s-app", "kube-proxy"},
                                 PlatformPod{"kube-system", "the network plug-in", "k8s-app", "cilium"},
                                 PlatformPod{"kube-system", "konnectivity", "k8s-app", "konnectivity-agent"}};

bool is_platform(const Workload& workload) {
  const std::string name = lowered(workload.manifest->name);
  for (std::string_view word :
       {"calico", "cilium", "flannel", "weave", "antrea", "kube-proxy", "coredns", "kube-dns", "node-local-dns",
        "konnectivity", "csi-", "-csi", "aws-node", "ovnkube", "kube-router", "multus", "tigera"})
    if (name.find(word) != std::string::npos) return true;
  return false;
}

void guards_its_own_platform(const Model& model, Sink& sink) {
  for (const Webhook& webhook : model.webhooks()) {
    if (!webhook.fails_closed || !is_in_cluster(webhook)) continue;
    std::string what;
    for (const PlatformPod& pod : platform) {
      const json::Object labels({{pod.label, pod.value}});
      if (what.empty() && model.asks_for_in(webhook, pods, create_only, pod.ns) &&
          Model::selects_object(webhook, &labels))
        what = fmt::format("{} in {}", pod.what, pod.ns);
    }
    for (const Workload& workload : model.workloads())
      if (what.empty() && is_platform(workload) && model.meets_pod_of(webhook, workload))
        what = fmt::format("{} {}", workload.kind(), workload.manifest->name);
    if (!what.empty())
      sink.add(webhook, "namespaceSelector",
               fmt::format("new pods of {} wait for a webhook that cannot be reached without them", what));
  }
}

// Whether the backend's certificate comes from cert-manager.
bool is_certified_by_cert_manager(const Model& model, const Webhook& webhook) {
  const auto asked = injections(webhook);
  return !served_certificates(model, webhook).empty() ||
         std::any_of(asked.begin(), asked.end(),
                     [](const Injection& one) { return one.key == "cert-manager.io/inject-ca-from"; });
}

void certificate_loop(const Model& model, Sink& sink) {
  constexpr std::array issuing = {
      Target{"cert-manager.io", "certificates", ""}, Target{"cert-manager.io", "certificaterequests", ""},
      Target{"acme.cert-manager.io", "orders", ""}, Target{"acme.cert-manager.io", "challenges", ""}};
  for (const Webhook& webhook : model.webhooks()) {
    if (!webhook.fails_closed || !is_in_cluster(webhook) || !is_certified_by_cert_manager(model, webhook)) continue;
    const std::string& ns = webhook.service->ns;
    std::string what = asked_targets_in(model, webhook, issuing, create_or_update, ns);
    if (what.empty() && model.asks_for_in(webhook, {"", "secrets", ""}, create_or_update, ns))
      what = fmt::format("Secrets in {}", ns);
    if (what.empty() && ns != "cert-manager" && model.asks_for_in(webhook, pods, create_only, "cert-manager"))
      what = "pods of cert-manager";
    if (!what.empty())
      sink.add(webhook, "rules",
               fmt::format("its certificate is renewed through {}, which this webhook guards itself", what));
  }
}

void node_bootstrap_loop(const Model& model, Sink& sink) {
  constexpr std::array targets = {Target{"", "nodes", ""}, Target{"", "nodes", "status"},
                                  Target{"certificates.k8s.io", "certificatesigningrequests", ""},
                                  Target{"certificates.k8s.io", "certificatesigningrequests", "status"},
                                  Target{"certificates.k8s.io", "certificatesigningrequests", "approval"}};
  for (const Webhook& webhook : model.webhooks())
    if (webhook.fails_closed && is_in_cluster(webhook))
      add_targets(model, webhook, targets, any_write,
                  "without nodes the backend runs nowhere, and no node joins without the backend", sink);
}

void unsafe_to_stop_cluster(const Model& model, Sink& sink) {
  constexpr std::array needed = {pods,
                                 Target{"apps", "replicasets", ""},
                                 Target{"apps", "daemonsets", ""},
                                 Target{"apps", "deployments", ""},
                                 Target{"", "secrets", ""},
                                 Target{"", "serviceaccounts", ""},
                                 Target{"coordination.k8s.io", "leases", ""}};
  for (const Webhook& webhook : model.webhooks()) {
    if (!webhook.fails_closed || !is_in_cluster(webhook)) continue;
    for (std::string_view ns : {system_namespace, std::string_view(webhook.service->ns)}) {
      const std::string names = asked_targets_in(model, webhook, needed, create_or_update, ns);
      if (names.empty()) continue;
      sink.add(
          webhook, "namespaceSelector",
          fmt::format("once the cluster has been stopped (hibernation, scale to zero), {} in {} wait for a backend "
                      "that is not there",
                      names, ns));
      break;
    }
  }
}

// --- GP707

bool has_clean_up(const Model& model) {
  for (std::string_view kind : {"Job", "ServiceAccount", "ClusterRole", "Pod"})
    for (const Manifest* one : model.of_kind(kind)) {
      const std::string_view hook = one->annotation("helm.sh/hook");
      if (hook.find("pre-delete") != std::string_view::npos || hook.find("post-delete") != std::string_view::npos)
        return true;
    }
  return false;
}

bool may(const kube::PolicyRule& rule, std::string_view verb) {
  for (std::string_view resource : {"validatingwebhookconfigurations", "mutatingwebhookconfigurations"})
    if (kube::allows(rule, {verb, "admissionregistration.k8s.io", resource, "", "", "", ""})) return true;
  return false;
}

void uninstall_leaves_webhook(const Model& model, Sink& sink) {
  if (model.from_cluster()) {
    std::set<const Manifest*> seen;
    for (const Webhook& webhook : model.webhooks()) {
      const json::Array* owners = json::array_at(webhook.owner->value, {"metadata", "ownerReferences"});
      const std::string_view manager = webhook.owner->label("app.kubernetes.io/managed-by");
      const bool released = manager == "Helm" || !webhook.owner->annotation("meta.helm.sh/release-name").empty() ||
                            !webhook.owner->annotation("kubectl.kubernetes.io/last-applied-configuration").empty() ||
                            !webhook.owner->label("olm.owner").empty() ||
                            !webhook.owner->label("argocd.argoproj.io/instance").empty();
      if (is_in_cluster(webhook) && !released && (!owners || owners->empty()) && seen.insert(webhook.owner).second)
        sink.add(*webhook.owner, Path("metadata.name"),
                 "nothing owns the configuration, so an uninstall leaves it behind", &webhook);
    }
    return;
  }
  if (has_clean_up(model)) return;
  for (const Manifest* role : model.of_kind("ClusterRole")) {
    const auto rules = kube::read_rules(role->value);
    for (std::size_t i = 0; i < rules.size(); ++i) {
      // A rule of administrators is none of a backend.
      if (holds(rules[i].resources, "*") || !may(rules[i], "create")) continue;
      sink.add(*role, Path("rules") / i,
               "configurations are made at run time, and nothing removes them when their maker is uninstalled");
      break;
    }
  }
  std::set<const Manifest*> seen;
  for (const Webhook& webhook : model.webhooks()) {
    const Manifest& owner = *webhook.owner;
    const bool made_at_run_time = !owner.label("webhook.kyverno.io/managed-by").empty() ||
                                  owner.annotation("gatepost.dev/created-at-run-time") == "true";
    const json::Array* owners = json::array_at(owner.value, {"metadata", "ownerReferences"});
    if (made_at_run_time && (!owners || owners->empty()) && seen.insert(&owner).second)
      sink.add(owner, Path("metadata.name"), "the configuration is made at run time and has no owner", &webhook);
  }
}

// --- GP708

// What tells that two objects belong to one release; empty if nothing does.
std::string release_of(const Manifest& manifest) {
  if (auto name = manifest.annotation("meta.helm.sh/release-name"); !name.empty()) return std::string(name);
  if (auto name = manifest.label("app.kubernetes.io/instance"); !name.empty()) return std::string(name);
  if (auto name = manifest.label("helm.sh/chart"); !name.empty()) return std::string(name);
  if (manifest.label("app.kubernetes.io/managed-by") == "Helm") return "Helm";
  return std::string(manifest.label("release"));
}

// Whether the configuration is applied in a later step than the rest.
bool is_staged(const Manifest& configuration) {
  const std::string_view hook = configuration.annotation("helm.sh/hook"),
                         wave = configuration.annotation("argocd.argoproj.io/sync-wave");
  return hook.find("post-") != std::string_view::npos || (!wave.empty() && !wave.starts_with('-') && wave != "0");
}

// The first object of the release that the webhook would be called for.
const Manifest* intercepted(const Model& model, const Webhook& webhook, const std::string& release) {
  for (const Manifest& manifest : model.manifests()) {
    if (&manifest == webhook.owner || (manifest.file != webhook.owner->file && release_of(manifest) != release))
      continue;
    const std::string version =
        manifest.group.empty() ? manifest.api_version : manifest.api_version.substr(manifest.group.size() + 1);
    std::string resource;
    if (const kube::ResourceInfo* info = model.registry().find_kind(manifest.group, version, manifest.kind)) {
      resource = info->resource;
    } else {
      for (const Manifest* definition : model.of_kind("CustomResourceDefinition"))
        if (definition->text({"spec", "group"}) == manifest.group &&
            definition->text({"spec", "names", "kind"}) == manifest.kind)
          resource = definition->text({"spec", "names", "plural"});
      if (resource.empty()) resource = lowered(manifest.kind) + "s";
    }
    if (model.asks_for(webhook, {manifest.group, resource, ""}, create_only) &&
        Model::selects_object(webhook, manifest.labels()) &&
        (manifest.ns.empty() || model.selects_namespace(webhook, manifest.ns)))
      return &manifest;
  }
  return nullptr;
}

void applied_before_backend(const Model& model, Sink& sink) {
  if (model.from_cluster()) return;
  std::set<const Manifest*> seen;
  for (const Webhook& webhook : model.webhooks()) {
    if (!webhook.fails_closed || webhook.workloads.empty() || is_staged(*webhook.owner)) continue;
    const Manifest& backend = *webhook.workloads.front()->manifest;
    const std::string release = release_of(*webhook.owner);
    const bool one_release = !release.empty() && release == release_of(backend);
    const Manifest* first =
        one_release || backend.file == webhook.owner->file ? intercepted(model, webhook, release) : nullptr;
    if ((!one_release && !first) || !seen.insert(webhook.owner).second) continue;
    sink.add(webhook, "failurePolicy",
             first
                 ? fmt::format("{} {} of the same release is refused until the backend runs", first->kind, first->name)
                 : fmt::format("the configuration fails closed before {} {} of the same release runs", backend.kind,
                               backend.name));
  }
}

constexpr Rule rules[] = {{"GP701", self_deadlock},
                          {"GP702", mutual_deadlock},
                          {"GP703", guards_its_own_platform},
                          {"GP704", certificate_loop},
                          {"GP705", node_bootstrap_loop},
                          {"GP706", unsafe_to_stop_cluster},
                          {"GP707", uninstall_leaves_webhook},
                          {"GP708", applied_before_backend}};

}  // namespace

std::span<const Rule> loop_rules() {
  return rules;
}

}  // namespace gatepost::lint
