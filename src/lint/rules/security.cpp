// GP8: who may touch the webhooks and their backends, and what backends may do.
#include <set>

#include "lint/policies.h"
#include "lint/rbac.h"
#include "lint/rules/common.h"

namespace gatepost::lint {
namespace {

template <class Each>
void for_each_backend(const Model& model, Each each) {
  std::set<const Workload*> seen;
  for (const Webhook& webhook : model.webhooks())
    for (const Workload* workload : webhook.workloads)
      if (seen.insert(workload).second) each(webhook, *workload);
}

bool is_builtin_role(std::string_view name) {
  return name.starts_with("system:") || is_one_of(name, {"cluster-admin", "admin", "edit", "view"});
}

std::vector<std::string> granted(const kube::PolicyRule& rule, std::initializer_list<std::string_view> verbs,
                                 const Target& target) {
  std::vector<std::string> out;
  for (std::string_view verb : verbs)
    if (kube::allows(rule, {verb, target.group, target.resource, target.subresource, "", "", ""}))
      out.emplace_back(verb);
  return out;
}

void rbac_writes_webhooks(const Model& model, Sink& sink) {
  constexpr Target configurations[] = {{"admissionregistration.k8s.io", "validatingwebhookconfigurations", ""},
                                       {"admissionregistration.k8s.io", "mutatingwebhookconfigurations", ""}};
  for (std::string_view kind : {"ClusterRole", "Role"})
    for (const Manifest* role : model.of_kind(kind)) {
      if (is_builtin_role(role->name)) continue;
      const auto rules = kube::read_rules(role->value);
      for (std::size_t i = 0; i < rules.size(); ++i) {
        // A rule that names its objects is how a backend keeps its own up to date.
        std::vector<std::string> verbs;
        for (const Target& target : configurations)
          if (verbs.empty())
            verbs = granted(rules[i], {"create", "update", "patch", "delete", "deletecollection"}, target);
        if (verbs.empty()) continue;
        sink.add(*role, Path("rules") / i,
                 fmt::format("{} {} may {} webhook configurations", role->kind, role->name, joined(verbs)));
        break;
      }
    }
}

// --- GP802

constexpr Target backend_objects[] = {{"", "pods", ""},
                                      {"apps", "deployments", ""},
                                      {"apps", "replicasets", ""},
                                      {"apps", "statefulsets", ""},
                                      {"apps", "daemonsets", ""},
                                      {"", "secrets", ""},
                                      {"", "services", ""},
                                      {"", "endpoints", ""},
                                      {"discovery.k8s.io", "endpointslices", ""}};

// What a role may write there; empty if nothing.
std::string writes(const Manifest& binding, const Manifest* role) {
  const std::string_view name = binding.text({"roleRef", "name"});
  if (!role) return is_one_of(name, {"edit", "admin", "cluster-admin"}) ? "everything" : "";
  std::string out;
  for (const kube::PolicyRule& rule : kube::read_rules(role->value))
    for (const Target& target : backend_objects)
      if (out.empty() && !granted(rule, {"create", "update", "patch"}, target).empty()) out = to_text(target);
  return out;
}

bool is_ordinary(const Subject& subject, const std::string& ns) {
  if (subject.kind == "ServiceAccount") return subject.ns != ns && subject.ns != "kube-system";
  if (subject.name == "system:masters" || subject.name.starts_with("system:kube-") ||
      subject.name.starts_with("system:node"))
    return false;
  const std::string low = lowered(subject.name);
  return low.find("admin") == std::string::npos;
}

void rbac_writes_backend_namespace(const Model& model, Sink& sink) {
  std::set<std::string> namespaces;
  for (const Webhook& webhook : model.webhooks())
    if (webhook.service && !webhook.is_api_server()) namespaces.insert(webhook.service->ns);
  for (const std::string& ns : namespaces) {
    for (const Manifest* binding : model.of_kind("RoleBinding")) {
      if (binding->ns != ns) continue;
      const std::string what = writes(*binding, role_of(model, *binding));
      if (what.empty()) continue;
      const auto subjects = subjects_of(*binding);
      for (std::size_t i = 0; i < subjects.size(); ++i) {
        if (!is_ordinary(subjects[i], ns)) continue;
        sink.add(*binding, Path("subjects") / i,
                 fmt::format("{} {} may write {} in {}, where a webhook's backend runs", subjects[i].kind,
                             subjects[i].name, what, ns));
        break;
      }
    }
    for (const Manifest* role : model.of_kind("Role"))
      if (role->ns == ns && bindings_of(model, *role).empty()) {
        std::string what;
        for (const kube::PolicyRule& rule : kube::read_rules(role->value))
          for (const Target& target : backend_objects)
            if (what.empty() && !granted(rule, {"create", "update", "patch"}, target).empty()) what = to_text(target);
        if (!what.empty())
          sink.add(
              *role, Path("rules"),
              fmt::format("whoever is bound to the Role may write {} in {}, where a webhook's backend runs", what, ns));
      }
  }
}

// --- GP803 - GP806

bool asks_for_client_certificates(const Workload& workload) {
  for (const Container& container : workload.containers())
    for (std::string_view field : {"args", "command"})
      for (const std::string& word : admission::read_texts(*container.value, field))
        for (std::string_view flag : {"client-ca", "clientca", "mtls", "tls-client", "requestheader-client-ca",
                                      "verify-client", "client-cert-auth"})
          if (lowered(word).find(flag) != std::string::npos) return true;
  return false;
}

void endpoint_open_to_pods(const Model& model, Sink& sink) {
  for_each_backend(model, [&](const Webhook& webhook, const Workload& workload) {
    const IngressVerdict verdict = judge_ingress(model, workload, webhook.container_port);
    if ((!verdict.policies.empty() && !verdict.admits_everybody) || asks_for_client_certificates(workload)) return;
    sink.add(*workload.manifest, Path("metadata.name"),
             fmt::format("every pod of the cluster may call {} {}: no NetworkPolicy limits who, and no client "
                         "certificate is asked for",
                         workload.kind(), workload.manifest->name),
             &webhook);
  });
}

void privileged_backend(const Model& model, Sink& sink) {
  for_each_backend(model, [&](const Webhook& webhook, const Workload& workload) {
    auto add = [&](const Path& path, std::string message) {
      sink.add(*workload.manifest, path, std::move(message), &webhook);
    };
    for (std::string_view list : {"containers", "initContainers"}) {
      const json::Array* containers = json::array_at(*workload.pod, {"spec", list});
      for (std::size_t i = 0; containers && i < containers->size(); ++i)
        if (json::bool_at((*containers)[i], {"securityContext", "privileged"}))
          add(workload.spec_path() / list / i / "securityContext" / "privileged",
              fmt::format("container {} is privileged", json::string_at((*containers)[i], {"name"})));
    }
    const json::Array* volumes = json::array_at(*workload.pod, {"spec", "volumes"});
    for (std::size_t i = 0; volumes && i < volumes->size(); ++i)
      if (json::find((*volumes)[i], "hostPath"))
        add(workload.spec_path() / "volumes" / i,
            fmt::format("the volume {} is a folder of the node", json::string_at((*volumes)[i], {"name"})));
    for (std::string_view field : {"hostPID", "hostIPC"})
      if (json::bool_at(*workload.pod, {"spec", field}))
        add(workload.spec_path() / field, fmt::format("{} is set", field));
    // On EKS with another network plug-in the control plane reaches nothing else.
    if (workload.host_network() && model.settings().profile != Profile::eks)
      add(workload.spec_path() / "hostNetwork", "the backend runs on the node's own network");
  });
}

void free_egress(const Model& model, Sink& sink) {
  for_each_backend(model, [&](const Webhook& webhook, const Workload& workload) {
    if (!limits_egress(model, workload))
      sink.add(*workload.manifest, Path("metadata.name"),
               fmt::format("no NetworkPolicy limits where {} {} may send what it sees", workload.kind(),
                           workload.manifest->name),
               &webhook);
  });
}

// The host of a URL, in lower case, without user and port.
std::string host_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  if (const std::size_t at = url.rfind('@'); at != std::string_view::npos) url.remove_prefix(at + 1);
  if (url.starts_with('[')) return lowered(url.substr(0, url.find(']') + 1));
  return lowered(url.substr(0, url.find(':')));
}

void external_backend(const Model& model, Sink& sink) {
  for (const Webhook& webhook : model.webhooks()) {
    if (webhook.url.empty()) continue;
    const std::string host = host_of(webhook.url);
    const bool local = host == "localhost" || host.starts_with("127.") || host == "[::1]";
    const bool inside =
        host.ends_with(".svc") || host.find(".svc.") != std::string::npos || host.ends_with(".cluster.local");
    if (!local && !inside && !host.empty())
      sink.add(webhook, "clientConfig.url", fmt::format("admission depends on {}, outside the cluster", host));
  }
}

void unknown_webhook(const Model& model, Sink& sink) {
  const auto& known = model.settings().known_webhooks;
  if (known.empty()) return;
  for (const Webhook& webhook : model.webhooks())
    if (!known.contains(webhook.name) && !known.contains(webhook.owner->name))
      sink.add(webhook, "name", fmt::format("{} is not in the list of known webhooks", webhook.name));
}

constexpr Rule rules[] = {{"GP801", rbac_writes_webhooks},  {"GP802", rbac_writes_backend_namespace},
                          {"GP803", endpoint_open_to_pods}, {"GP804", privileged_backend},
                          {"GP805", free_egress},           {"GP806", external_backend},
                          {"GP807", unknown_webhook}};

}  // namespace

std::span<const Rule> security_rules() {
  return rules;
}

}  // namespace gatepost::lint
