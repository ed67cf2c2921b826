#include "diagnose/ca_injection.h"

#include <algorithm>
#include <fmt/format.h>

#include "json/parse.h"

namespace gatepost::diagnose {
namespace {

constexpr std::string_view from_certificate = "cert-manager.io/inject-ca-from";
constexpr std::string_view from_secret = "cert-manager.io/inject-ca-from-secret";
constexpr std::string_view from_apiserver = "cert-manager.io/inject-apiserver-ca";
constexpr std::string_view service_ca = "service.beta.openshift.io/inject-cabundle";
constexpr std::string_view last_applied = "kubectl.kubernetes.io/last-applied-configuration";
constexpr std::string_view direct = "cert-manager.io/allow-direct-injection";

std::string_view annotation(const json::Value& object, std::string_view key) {
  return json::string_at(object, {"metadata", "annotations", key});
}

// "<namespace>/<name>" in two; both empty where it is not of that form.
std::pair<std::string, std::string> split(std::string_view reference) {
  const std::size_t slash = reference.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == reference.size() ||
      reference.find('/', slash + 1) != std::string_view::npos)
    return {};
  return {std::string(reference.substr(0, slash)), std::string(reference.substr(slash + 1))};
}

void impossible(Case& out, std::string detail) {
  out.fact("injection-impossible");
  out.see("ca injection", false, std::move(detail));
}

void check_certificate(std::string_view reference, const Cluster& cluster, Case& out) {
  const auto [ns, name] = split(reference);
  if (name.empty())
    return impossible(out,
                      fmt::format("{} is \"{}\"; it must be <namespace>/<certificate>", from_certificate, reference));
  const json::Value* certificate = cluster.certificates.find(ns, name);
  if (!cluster.cert_manager) {
    out.see("certificate", false, "the cluster does not know cert-manager's kinds: it is not installed",
            "kubectl get crd certificates.cert-manager.io");
    return;
  }
  if (!certificate && cluster.loaded.contains(ns))
    return impossible(out,
                      fmt::format("{} names the Certificate {}, which does not exist", from_certificate, reference));
  if (!certificate) return;
  const json::Array* conditions = json::array_at(*certificate, {"status", "conditions"});
  for (std::size_t i = 0; conditions && i < conditions->size(); ++i)
    if (json::string_at((*conditions)[i], {"type"}) == "Ready" &&
        json::string_at((*conditions)[i], {"status"}) != "True")
      out.see("certificate", false,
              fmt::format("Certificate {} is not ready: {}", reference, json::string_at((*conditions)[i], {"message"})),
              fmt::format("kubectl -n {} describe certificate {}", ns, name));
}

void check_secret(std::string_view reference, const Cluster& cluster, Case& out) {
  const auto [ns, name] = split(reference);
  if (name.empty())
    return impossible(out, fmt::format("{} is \"{}\"; it must be <namespace>/<secret>", from_secret, reference));
  const json::Value* secret = cluster.secrets.find(ns, name);
  if (!secret)
    return impossible(out, fmt::format("{} names the Secret {}, which was not found", from_secret, reference));
  if (annotation(*secret, direct) != "true")
    impossible(out,
               fmt::format("the Secret {} does not carry {}: \"true\", so its CA is not injected", reference, direct));
}

bool runs(const Cluster& cluster, std::string_view part) {
  const auto named = [&](const json::Value* object) {
    return json::string_at(*object, {"metadata", "name"}).find(part) != std::string_view::npos;
  };
  return std::any_of(cluster.deployments.all().begin(), cluster.deployments.all().end(),
                     [&](const json::Value* d) { return named(d) && json::int_at(*d, {"spec", "replicas"}, 1) > 0; }) ||
         std::any_of(cluster.pods.all().begin(), cluster.pods.all().end(), named);
}

// Managers that own the caBundle of this webhook, by managedFields.
std::vector<std::string> owners(const Subject& subject) {
  std::vector<std::string> out;
  const json::Array* managed = json::array_at(*subject.owner, {"metadata", "managedFields"});
  const std::string key = "k:{\"name\":\"" + subject.name() + "\"}";
  for (std::size_t i = 0; managed && i < managed->size(); ++i) {
    const json::Value& entry = (*managed)[i];
    if (!json::find_path(entry, {"fieldsV1", "f:webhooks", key, "f:clientConfig", "f:caBundle"})) continue;
    std::string name(json::string_at(entry, {"manager"}));
    if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(std::move(name));
  }
  return out;
}

// Whether `kubectl apply` would write another caBundle than the present one: its manifest holds one of its own.
bool applied_otherwise(const Subject& subject) {
  const std::string_view text = annotation(*subject.owner, last_applied);
  if (text.empty()) return false;
  auto manifest = json::parse(text, json::make_arena());
  if (!manifest) return false;
  const json::Array* hooks = json::array_at(*manifest, {"webhooks"});
  for (std::size_t i = 0; hooks && i < hooks->size(); ++i) {
    if (json::string_at((*hooks)[i], {"name"}) != subject.name()) continue;
    const std::string_view bundle = json::string_at((*hooks)[i], {"clientConfig", "caBundle"});
    return !bundle.empty() && bundle != json::string_at(*subject.webhook, {"clientConfig", "caBundle"});
  }
  return false;
}

void check_writers(const Subject& subject, const std::vector<std::string>& asked, Case& out) {
  const std::string shown =
      fmt::format("kubectl get {} {} -o yaml --show-managed-fields", subject.resource(), subject.configuration);
  const auto managers = owners(subject);
  if (asked.size() > 1) {
    out.fact("two-writers");
    out.see("ca injection", false, fmt::format("several annotations ask for a caBundle: {}", fmt::join(asked, ", ")),
            shown);
  } else if (managers.size() > 1) {
    out.fact("two-writers");
    out.see("owners", false, fmt::format("several managers own the caBundle: {}", fmt::join(managers, ", ")), shown);
  } else if (applied_otherwise(subject)) {
    out.fact("two-writers");
    out.see("owners", false,
            fmt::format("the applied manifest holds another caBundle than the present one{}",
                        managers.empty() ? "" : ", which " + managers.front() + " wrote"),
            shown);
  } else if (!managers.empty()) {
    out.see("owners", std::nullopt, fmt::format("{} wrote the caBundle", managers.front()), shown);
  }
}

// Whether what is to be injected is there.
void check_injected(const Subject& subject, const Cluster& cluster, Case& out) {
  const auto [ns, name] = split(injection_secret(subject, cluster));
  const json::Value* secret = name.empty() ? nullptr : cluster.secrets.find(ns, name);
  if (!secret) return;
  const std::string_view ca = json::string_at(*secret, {"data", "ca.crt"});
  const bool same = !ca.empty() && ca == json::string_at(*subject.webhook, {"clientConfig", "caBundle"});
  if (!same && !ca.empty()) out.fact("injection-behind");
  out.see("injected CA", same,
          ca.empty() ? fmt::format("the Secret {}/{} has no ca.crt to inject", ns, name)
          : same     ? fmt::format("the caBundle is the CA of the Secret {}/{}", ns, name)
                     : fmt::format("the caBundle is not the CA that the Secret {}/{} holds", ns, name));
}

// kube-webhook-certgen is a Job that writes the caBundle once, at installation.
void check_certgen(const Subject& subject, const Cluster& cluster, Case& out) {
  for (const json::Value* job : cluster.jobs.in(subject.service_namespace)) {
    const json::Array* containers = json::array_at(*job, {"spec", "template", "spec", "containers"});
    for (std::size_t i = 0; containers && i < containers->size(); ++i) {
      if (json::string_at((*containers)[i], {"image"}).find("webhook-certgen") == std::string_view::npos) continue;
      const std::int64_t done = json::int_at(*job, {"status", "succeeded"});
      const std::string_view name = json::string_at(*job, {"metadata", "name"});
      out.see("webhook-certgen", done > 0,
              fmt::format("Job {} {}", name, done > 0 ? "has succeeded" : "has not succeeded"),
              fmt::format("kubectl -n {} describe job {}", subject.service_namespace, name));
    }
  }
}

}  // namespace

std::string injection_secret(const Subject& subject, const Cluster& cluster) {
  const std::string_view reference = annotation(*subject.owner, from_secret);
  if (!split(reference).second.empty()) return std::string(reference);
  const auto [ns, name] = split(annotation(*subject.owner, from_certificate));
  const json::Value* certificate = name.empty() ? nullptr : cluster.certificates.find(ns, name);
  const std::string_view secret = certificate ? json::string_at(*certificate, {"spec", "secretName"}) : "";
  return secret.empty() ? "" : ns + "/" + std::string(secret);
}

std::set<std::string> injection_namespaces(const Subject& subject, const Cluster& cluster) {
  std::set<std::string> out;
  for (std::string_view key : {from_certificate, from_secret})
    if (auto [ns, name] = split(annotation(*subject.owner, key)); !ns.empty()) out.insert(ns);
  if (annotation(*subject.owner, from_certificate).empty() && annotation(*subject.owner, from_secret).empty() &&
      annotation(*subject.owner, from_apiserver).empty() && annotation(*subject.owner, service_ca).empty())
    return out;
  for (std::string_view usual : {"cert-manager", "openshift-service-ca"})
    if (cluster.has_namespace(usual)) out.emplace(usual);
  return out;
}

void check_injection(const Subject& subject, const Cluster& cluster, Case& out) {
  std::vector<std::string> writers;
  for (std::string_view key : {from_certificate, from_secret, from_apiserver, service_ca})
    if (!annotation(*subject.owner, key).empty()) writers.emplace_back(key);
  const bool by_cert_manager = !writers.empty() && writers.front() != service_ca;
  if (!writers.empty()) {
    out.fact("injection-asked");
    out.see("ca injection", std::nullopt,
            fmt::format("{}: {}", writers.front(), annotation(*subject.owner, writers.front())));
  }
  check_writers(subject, writers, out);
  check_certgen(subject, cluster, out);
  if (auto value = annotation(*subject.owner, from_certificate); !value.empty()) check_certificate(value, cluster, out);
  if (auto value = annotation(*subject.owner, from_secret); !value.empty()) check_secret(value, cluster, out);
  check_injected(subject, cluster, out);
  if (writers.empty()) return;
  const std::string_view injector = by_cert_manager ? "cainjector" : "service-ca";
  if (runs(cluster, injector)) return;
  out.fact("injector-missing");
  out.see("ca injector", false,
          fmt::format("no workload called *{}* was found that would write the caBundle", injector),
          fmt::format("kubectl get deployments -A | grep {}", injector));
}

}  // namespace gatepost::diagnose
