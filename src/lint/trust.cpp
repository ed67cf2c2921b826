#include "lint/trust.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "base/base64.h"
#include "kube/rbac_rules.h"
#include "lint/rbac.h"
#include "lint/rules/common.h"

namespace gatepost::lint {
namespace {

constexpr std::array<std::string_view, 3> cert_manager_keys = {
    "cert-manager.io/inject-ca-from", "cert-manager.io/inject-ca-from-secret", "cert-manager.io/inject-apiserver-ca"};
constexpr std::array<std::string_view, 4> other_keys = {
    "service.beta.openshift.io/inject-cabundle", "service.alpha.openshift.io/inject-cabundle",
    "certmanager.k8s.io/inject-ca-from", "certmanager.k8s.io/inject-apiserver-ca"};

// Bytes of a Secret's entry: data (base64) or stringData.
std::string entry_of(const Manifest& secret, std::string_view key, Path& path) {
  if (std::string_view text = secret.text({"stringData", key}); !text.empty()) {
    path = Path("stringData") / key;
    return std::string(text);
  }
  path = Path("data") / key;
  auto bytes = base64::decode(secret.text({"data", key}));
  return bytes ? std::move(*bytes) : std::string();
}

// The Secrets that hold what the backend serves.
std::vector<const Manifest*> serving_secrets(const Model& model, const Webhook& webhook) {
  std::vector<const Manifest*> out;
  auto add = [&](const Manifest* secret) {
    if (secret && std::find(out.begin(), out.end(), secret) == out.end()) out.push_back(secret);
  };
  if (!webhook.service) return out;
  const std::string& ns = webhook.service->ns;
  for (const Workload* workload : webhook.workloads)
    for (const std::string& name : workload->secrets()) add(model.find("Secret", ns, name));
  for (const Manifest* certificate : served_certificates(model, webhook))
    add(model.find("Secret", ns, certificate->text({"spec", "secretName"})));
  if (!out.empty()) return out;
  // A namespace with a single server certificate has it for this backend.
  std::vector<const Manifest*> candidates;
  for (const Manifest* secret : model.of_kind_in("Secret", ns))
    if (secret->at({"data", "tls.crt"}) || secret->at({"stringData", "tls.crt"})) candidates.push_back(secret);
  if (candidates.size() == 1) add(candidates.front());
  return out;
}

}  // namespace

const Bundle& bundle_of(const Webhook& webhook) {
  static const Bundle none;
  return webhook.bundle ? *webhook.bundle : none;
}

Path bundle_path(const Webhook& webhook) {
  return webhook.path / "clientConfig" / "caBundle";
}

std::vector<Injection> injections(const Webhook& webhook) {
  std::vector<Injection> out;
  auto add = [&](std::string_view key, bool is_cert_manager) {
    const std::string_view value = webhook.owner->annotation(key);
    if (!value.empty() && value != "false") out.push_back({key, value, is_cert_manager});
  };
  for (std::string_view key : cert_manager_keys) add(key, true);
  for (std::string_view key : other_keys) add(key, false);
  return out;
}

bool is_patched_by_job(const Model& model, const Webhook& webhook) {
  for (const Workload& workload : model.workloads()) {
    if (workload.kind() != "Job" && workload.kind() != "CronJob") continue;
    for (const Container& container : workload.containers())
      for (std::string_view field : {"args", "command"})
        for (const std::string& word : admission::read_texts(*container.value, field))
          if (word.ends_with(webhook.owner->name) && word.find("webhook") != std::string::npos) return true;
  }
  return false;
}

bool writes_configurations_itself(const Model& model, const Webhook& webhook) {
  const std::string resource = webhook.mutating() ? "mutatingwebhookconfigurations" : "validatingwebhookconfigurations";
  return std::any_of(webhook.workloads.begin(), webhook.workloads.end(), [&](const Workload* workload) {
    return grants(model, workload->manifest->ns, workload->service_account(),
                  {"update", "admissionregistration.k8s.io", resource, "", "", webhook.owner->name, ""}) ||
           grants(model, workload->manifest->ns, workload->service_account(),
                  {"patch", "admissionregistration.k8s.io", resource, "", "", webhook.owner->name, ""});
  });
}

bool is_kept_up(const Model& model, const Webhook& webhook) {
  const json::Array* owners = json::array_at(webhook.owner->value, {"metadata", "ownerReferences"});
  return !injections(webhook).empty() || (owners && !owners->empty()) || !webhook.owner->label("olm.owner").empty() ||
         is_patched_by_job(model, webhook) || writes_configurations_itself(model, webhook);
}

std::optional<std::pair<std::string, std::string>> split_reference(std::string_view reference) {
  const std::size_t slash = reference.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == reference.size() ||
      reference.find('/', slash + 1) != std::string_view::npos)
    return std::nullopt;
  return std::pair(std::string(reference.substr(0, slash)), std::string(reference.substr(slash + 1)));
}

const Manifest* injected_certificate(const Model& model, const Webhook& webhook) {
  auto reference = split_reference(webhook.owner->annotation(cert_manager_keys[0]));
  return reference ? model.find("Certificate", reference->first, reference->second) : nullptr;
}

std::vector<const Manifest*> served_certificates(const Model& model, const Webhook& webhook) {
  std::vector<const Manifest*> out;
  if (!webhook.service) return out;
  for (const Workload* workload : webhook.workloads)
    for (const std::string& name : workload->secrets())
      for (const Manifest* certificate : model.of_kind_in("Certificate", webhook.service->ns))
        if (certificate->text({"spec", "secretName"}) == name) out.push_back(certificate);
  const Manifest* injected = injected_certificate(model, webhook);
  // What is injected is served as well, but for a CA that only signs.
  if (out.empty() && injected && !json::bool_at(injected->value, {"spec", "isCA"}) &&
      (injected->ns.empty() || injected->ns == webhook.service->ns))
    out.push_back(injected);
  return out;
}

const Manifest* issuer_of(const Model& model, const Manifest& certificate) {
  const std::string_view kind = certificate.text({"spec", "issuerRef", "kind"});
  const std::string_view name = certificate.text({"spec", "issuerRef", "name"});
  if (kind == "ClusterIssuer") return model.find("ClusterIssuer", "", name);
  return model.find("Issuer", certificate.ns, name);
}

std::vector<Served> served_chains(const Model& model, const Webhook& webhook) {
  std::vector<Served> out;
  for (const Manifest* secret : serving_secrets(model, webhook)) {
    Path path;
    auto chain = certificates_of(entry_of(*secret, "tls.crt", path));
    if (!chain.empty()) out.push_back({secret, path, std::move(chain), false});
  }
  if (!out.empty()) return out;
  const Bundle& bundle = bundle_of(webhook);
  for (const x509::CertificatePtr& one : bundle.certificates) {
    const std::string subject = one->subject.text();
    const bool of_service =
        webhook.service && subject.find(webhook.service->name + "." + webhook.service->ns) != std::string::npos;
    if (!one->is_ca || of_service || !one->dns_names.empty())
      out.push_back({webhook.owner, bundle_path(webhook), {one}, true});
  }
  return out;
}

std::string described(const x509::Certificate& certificate) {
  const std::string subject = certificate.subject.text();
  return fmt::format("{} (sha256 {})", subject.empty() ? "without a subject" : subject,
                     certificate.sha256_fingerprint().substr(0, 12));
}

}  // namespace gatepost::lint
