// GP3: the backend's workload. A workload that serves several webhooks is told once, for the one that fails closed.
#include <set>

#include "lint/join.h"
#include "lint/rules/common.h"

namespace gatepost::lint {
namespace {

// A workload behind webhooks, and the webhook that it is told for.
struct Backend {
  const Workload* workload;
  const Webhook* webhook;
};

std::vector<Backend> backends(const Model& model) {
  std::vector<Backend> out;
  for (const Workload& workload : model.workloads()) {
    const Webhook* told = nullptr;
    for (const Webhook* webhook : model.webhooks_of(workload))
      if (!told || (webhook->fails_closed && !told->fails_closed)) told = webhook;
    if (told) out.push_back({&workload, told});
  }
  return out;
}

std::string title(const Workload& workload) {
  return fmt::format("{} {}", workload.kind(), workload.manifest->name);
}

std::string_view text_of(const json::Value* value) {
  return value && value->is_string() ? json::view(value->get_string()) : std::string_view{};
}

const json::Array* list_of(const json::Value* value) {
  return value ? value->if_array() : nullptr;
}

void single_replica(const Model& model, Sink& sink) {
  for (const Backend& backend : backends(model)) {
    const auto replicas = backend.workload->replicas();
    if (!replicas || *replicas > 1) continue;
    const auto [manifest, path] = backend.workload->replicas_place();
    sink.add(*manifest, path,
             fmt::format("{} runs {} behind the webhook", title(*backend.workload),
                         *replicas == 1 ? "a single pod" : "no pod"),
             backend.webhook);
  }
}

std::vector<const Manifest*> budgets_of(const Model& model, const Workload& workload) {
  std::vector<const Manifest*> out;
  for (const Manifest* budget : model.of_kind_in("PodDisruptionBudget", workload.manifest->ns))
    if (selects_pods(budget->at({"spec", "selector"}), workload)) out.push_back(budget);
  return out;
}

void no_pdb(const Model& model, Sink& sink) {
  for (const Backend& backend : backends(model))
    // A drain leaves the pods of a DaemonSet where they are.
    if (!backend.workload->is_per_node() && budgets_of(model, *backend.workload).empty())
      sink.add(*backend.workload->manifest, Path("metadata.name"),
               fmt::format("no PodDisruptionBudget selects the pods of {}", title(*backend.workload)), backend.webhook);
}

void pdb_blocks_drain(const Model& model, Sink& sink) {
  for (const Backend& backend : backends(model)) {
    const auto replicas = backend.workload->replicas();
    if (!replicas) continue;
    for (const Manifest* budget : budgets_of(model, *backend.workload)) {
      const json::Value* least = budget->at({"spec", "minAvailable"});
      const json::Value* most = budget->at({"spec", "maxUnavailable"});
      if (const auto kept = count_or_percent(least, *replicas, Rounding::up); kept && *kept >= *replicas && *kept > 0)
        sink.add(
            *budget, Path("spec.minAvailable"),
            fmt::format("all {} pods of {} are to stay, so none can be moved", *replicas, title(*backend.workload)),
            backend.webhook);
      if (const auto moved = count_or_percent(most, *replicas, Rounding::up); moved && *moved == 0)
        sink.add(*budget, Path("spec.maxUnavailable"),
                 fmt::format("no pod of {} can be moved", title(*backend.workload)), backend.webhook);
    }
  }
}

bool spreads_over_nodes(std::string_view topology_key) {
  return is_one_of(topology_key, {"kubernetes.io/hostname", "topology.kubernetes.io/zone",
                                  "topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/zone"});
}

bool is_spread(const Workload& workload) {
  const json::Array* constraints = list_of(workload.spec("topologySpreadConstraints"));
  for (std::size_t i = 0; constraints && i < constraints->size(); ++i)
    if (spreads_over_nodes(json::string_at((*constraints)[i], {"topologyKey"}))) return true;
  constexpr std::string_view required = "requiredDuringSchedulingIgnoredDuringExecution",
                             preferred = "preferredDuringSchedulingIgnoredDuringExecution";
  const json::Array* terms = json::array_at(*workload.pod, {"spec", "affinity", "podAntiAffinity", required});
  for (std::size_t i = 0; terms && i < terms->size(); ++i)
    if (spreads_over_nodes(json::string_at((*terms)[i], {"topologyKey"}))) return true;
  terms = json::array_at(*workload.pod, {"spec", "affinity", "podAntiAffinity", preferred});
  for (std::size_t i = 0; terms && i < terms->size(); ++i)
    if (spreads_over_nodes(json::string_at((*terms)[i], {"podAffinityTerm", "topologyKey"}))) return true;
  return false;
}

void no_spread(const Model& model, Sink& sink) {
  for (const Backend& backend : backends(model))
    if (!backend.workload->is_per_node() && !is_spread(*backend.workload))
      sink.add(*backend.workload->manifest, backend.workload->spec_path(),
               fmt::format("nothing keeps the pods of {} on different nodes or in different zones",
                           title(*backend.workload)),
               backend.webhook);
}

void no_readiness_probe(const Model& model, Sink& sink) {
  for (const Backend& backend : backends(model)) {
    const auto container = backend.workload->container_of_port(backend.webhook->container_port);
    if (container && !json::find(*container->value, "readinessProbe"))
      sink.add(*backend.workload->manifest, container->path,
               fmt::format("container {} of {} has no readinessProbe", json::string_at(*container->value, {"name"}),
                           title(*backend.workload)),
               backend.webhook);
  }
}

// The port that a probe asks; 0 for one that asks none.
std::int64_t probed_port(const Workload& workload, const json::Value& probe) {
  for (std::string_view kind : {"httpGet", "tcpSocket", "grpc"}) {
    const json::Value* port = json::find_path(probe, {kind, "port"});
    if (!port) continue;
    return port->is_int64() ? port->get_int64() : workload.port_number(text_of(port));
  }
  return 0;
}

void probe_not_on_webhook_port(const Model& model, Sink& sink) {
  for (const Backend& backend : backends(model)) {
    const std::int64_t served = backend.webhook->container_port;
    const auto container = backend.workload->container_of_port(served);
    const json::Value* probe = container ? json::find(*container->value, "readinessProbe") : nullptr;
    const std::int64_t probed = probe ? probed_port(*backend.workload, *probe) : 0;
    if (served != 0 && probed != 0 && probed != served)
      sink.add(*backend.workload->manifest, container->path / "readinessProbe",
               fmt::format("readiness is asked on port {}, the webhook is served on {}", probed, served),
               backend.webhook);
  }
}

// Thousandths of a processor; nothing for what is no quantity.
std::optional<std::int64_t> millicores(const json::Value* value) {
  if (!value) return std::nullopt;
  if (value->is_int64()) return value->get_int64() * 1000;
  if (value->is_double()) return static_cast<std::int64_t>(value->get_double() * 1000);
  std::string_view text = text_of(value);
  if (text.empty()) return std::nullopt;
  const bool milli = text.ends_with('m');
  if (milli) text.remove_suffix(1);
  char* end = nullptr;
  const std::string copy(text);
  const double number = std::strtod(copy.c_str(), &end);
  if (end != copy.c_str() + copy.size()) return std::nullopt;
  return static_cast<std::int64_t>(milli ? number : number * 1000);
}

void no_requests_or_tight_cpu_limit(const Model& model, Sink& sink) {
  for (const Backend& backend : backends(model)) {
    const auto container = backend.workload->container_of_port(backend.webhook->container_port);
    if (!container) continue;
    const json::Object* requests = json::object_at(*container->value, {"resources", "requests"});
    const json::Object* limits = json::object_at(*container->value, {"resources", "limits"});
    const std::string_view name = json::string_at(*container->value, {"name"});
    // A limit stands for a request that is not written.
    auto asked = [&](std::string_view resource) {
      return (requests && requests->if_contains(resource)) || (limits && limits->if_contains(resource));
    };
    if (!asked("cpu") || !asked("memory"))
      sink.add(*backend.workload->manifest, container->path / "resources",
               fmt::format("container {} requests {}", name,
                           asked("cpu")      ? "no memory"
                           : asked("memory") ? "no CPU"
                                             : "neither CPU nor memory"),
               backend.webhook);
    const auto limit = millicores(limits ? limits->if_contains("cpu") : nullptr);
    if (limit && *limit <= model.settings().thresholds.cpu_limit)
      sink.add(
          *backend.workload->manifest, container->path / "resources" / "limits" / "cpu",
          fmt::format("container {} may use {}m of a CPU: it is throttled just when many requests come", name, *limit),
          backend.webhook);
  }
}

void no_priority_class(const Model& model, Sink& sink) {
  for (const Backend& backend : backends(model)) {
    if (!backend.webhook->fails_closed) continue;
    const std::string_view name = text_of(backend.workload->spec("priorityClassName"));
    if (name.starts_with("system-") && name.ends_with("-critical")) continue;
    sink.add(*backend.workload->manifest, backend.workload->spec_path() / "priorityClassName",
             fmt::format("{} fails closed on pods {}", title(*backend.workload),
                         name.empty() ? "without a priority class" : fmt::format("of the priority class {}", name)),
             backend.webhook);
  }
}

void no_graceful_drain(const Model& model, Sink& sink) {
  constexpr std::int64_t usual_grace = 30, short_grace = 10;
  for (const Backend& backend : backends(model)) {
    const auto container = backend.workload->container_of_port(backend.webhook->container_port);
    if (!container) continue;
    const json::Value* written = backend.workload->spec("terminationGracePeriodSeconds");
    const std::int64_t grace = written && written->is_int64() ? written->get_int64() : usual_grace;
    const bool waits = json::find_path(*container->value, {"lifecycle", "preStop"}) != nullptr;
    if (waits ? grace >= short_grace : written && grace >= usual_grace) continue;
    sink.add(*backend.workload->manifest,
             waits ? backend.workload->spec_path() / "terminationGracePeriodSeconds" : container->path / "lifecycle",
             waits ? fmt::format("the grace period of {} s cuts the preStop hook short", grace)
                   : std::string("pods stop at once while the API server still uses its open connections to them"),
             backend.webhook);
  }
}

void rollout_takes_all(const Model& model, Sink& sink) {
  for (const Backend& backend : backends(model)) {
    const Workload& workload = *backend.workload;
    const std::string_view field = workload.kind() == "Deployment" ? "strategy" : "updateStrategy";
    if (workload.manifest->text({"spec", field, "type"}) == "Recreate") {
      sink.add(*workload.manifest, Path("spec") / field / "type",
               fmt::format("each rollout of {} stops all its pods first", title(workload)), backend.webhook);
      continue;
    }
    const json::Value* most = workload.manifest->at({"spec", field, "rollingUpdate", "maxUnavailable"});
    const std::int64_t replicas = workload.replicas().value_or(100);
    const auto taken = count_or_percent(most, replicas, Rounding::down);
    if (taken && *taken > 0 && *taken >= replicas)
      sink.add(*workload.manifest, Path("spec") / field / "rollingUpdate" / "maxUnavailable",
               fmt::format("a rollout of {} may stop all its pods at once", title(workload)), backend.webhook);
  }
}

bool is_volatile(std::string_view key, std::string_view value) {
  if (is_one_of(key, {"cloud.google.com/gke-spot", "cloud.google.com/gke-preemptible"})) return value == "true";
  if (is_one_of(key, {"eks.amazonaws.com/capacityType", "karpenter.sh/capacity-type", "node.kubernetes.io/lifecycle",
                      "kubernetes.azure.com/scalesetpriority", "node-lifecycle", "lifecycle", "nodetype",
                      "kops.k8s.io/instancegroup-lifecycle", "spotinst.io/node-lifecycle"}))
    return is_one_of(lowered(value), {"spot", "ec2spot", "preemptible"});
  return false;
}

void runs_on_volatile_nodes(const Model& model, Sink& sink) {
  for (const Backend& backend : backends(model)) {
    const json::Object* wanted = json::object_at(*backend.workload->pod, {"spec", "nodeSelector"});
    if (wanted)
      for (const auto& member : *wanted)
        if (member.value().is_string() && is_volatile(member.key(), json::view(member.value().get_string())))
          sink.add(*backend.workload->manifest, backend.workload->spec_path() / "nodeSelector" / member.key(),
                   fmt::format("{} runs only on nodes that may vanish together", title(*backend.workload)),
                   backend.webhook);
    const json::Array* terms = json::array_at(
        *backend.workload->pod,
        {"spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"});
    if (!terms || terms->empty()) continue;
    const bool only_volatile = std::all_of(terms->begin(), terms->end(), [](const json::Value& term) {
      const json::Array* expressions = json::array_at(term, {"matchExpressions"});
      return expressions && std::any_of(expressions->begin(), expressions->end(), [](const json::Value& one) {
               const auto values = admission::read_texts(one, "values");
               return json::string_at(one, {"operator"}) == "In" && !values.empty() &&
                      std::all_of(values.begin(), values.end(), [&](const std::string& value) {
                        return is_volatile(json::string_at(one, {"key"}), value);
                      });
             });
    });
    if (only_volatile)
      sink.add(*backend.workload->manifest, backend.workload->spec_path() / "affinity" / "nodeAffinity",
               fmt::format("{} runs only on nodes that may vanish together", title(*backend.workload)),
               backend.webhook);
  }
}

// What the pods need before they run that goes through their own webhook.
std::string own_need(const Model& model, const Webhook& webhook, const Workload& workload) {
  const std::string& ns = webhook.service->ns;
  auto asks = [&](const Target& target, Operations operations) {
    return model.asks_for_in(webhook, target, operations, ns);
  };
  if (asks({"", "secrets", ""}, create_or_update)) {
    const json::Array* pulls = list_of(workload.spec("imagePullSecrets"));
    if (pulls && !pulls->empty()) return "the image pull secret";
    if (!workload.secrets().empty()) return fmt::format("the mounted Secret {}", workload.secrets().front());
  }
  const json::Array* volumes = list_of(workload.spec("volumes"));
  for (std::size_t i = 0; volumes && i < volumes->size(); ++i) {
    const json::Value& volume = (*volumes)[i];
    const bool claim = json::find(volume, "persistentVolumeClaim") || json::find(volume, "ephemeral");
    const bool driver = json::find(volume, "csi") != nullptr;
    if (claim && (asks({"", "persistentvolumeclaims", ""}, create_or_update) ||
                  model.asks_for(webhook, {"", "persistentvolumes", ""}, create_or_update)))
      return "the volume claim";
    if ((claim || driver) && (model.asks_for(webhook, {"storage.k8s.io", "volumeattachments", ""}, create_or_update) ||
                              model.asks_for(webhook, {"storage.k8s.io", "csinodes", ""}, create_or_update)))
      return "the attachment of the volume";
    if (driver && model.asks_for_in(webhook, {"", "pods", ""}, create_only, system_namespace))
      return "the pods of the CSI driver";
  }
  if (asks({"", "serviceaccounts", "token"}, create_only)) return "the token of the service account";
  const bool meshed =
      workload.pod_mark("sidecar.istio.io/inject") == "true" || workload.pod_mark("linkerd.io/inject") == "enabled";
  if (meshed)
    for (std::string_view mesh : {"istio-system", "linkerd"})
      if (mesh != ns && model.asks_for_in(webhook, {"", "pods", ""}, create_only, mesh))
        return fmt::format("the mesh in {} that injects the sidecar", mesh);
  return "";
}

void backend_needs_what_it_guards(const Model& model, Sink& sink) {
  for (const Webhook& webhook : model.webhooks()) {
    if (!webhook.fails_closed) continue;
    for (const Workload* workload : webhook.workloads) {
      const std::string need = own_need(model, webhook, *workload);
      if (!need.empty())
        sink.add(webhook, "rules",
                 fmt::format("{} needs {} before it runs, which goes through this webhook", title(*workload), need));
    }
  }
}

constexpr Rule rules[] = {{"GP301", single_replica},
                          {"GP302", no_pdb},
                          {"GP303", pdb_blocks_drain},
                          {"GP304", no_spread},
                          {"GP305", no_readiness_probe},
                          {"GP306", probe_not_on_webhook_port},
                          {"GP307", no_requests_or_tight_cpu_limit},
                          {"GP308", no_priority_class},
                          {"GP309", no_graceful_drain},
                          {"GP310", rollout_takes_all},
                          {"GP311", runs_on_volatile_nodes},
                          {"GP312", backend_needs_what_it_guards}};

}  // namespace

std::span<const Rule> availability_rules() {
  return rules;
}

}  // namespace gatepost::lint
