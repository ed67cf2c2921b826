#include "remedy/trust.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/base64.h"
#include "diagnose/ca_injection.h"
#include "x509/pem.h"
#include "x509/pool.h"
#include "x509/verify.h"

namespace gatepost::remedy {
namespace {

constexpr std::string_view bundle_keys[] = {"ca.crt", "ca-bundle.crt", "service-ca.crt", "ca.pem", "root-cert.pem"};

std::vector<x509::CertificatePtr> certificates_in(const std::string& pem) {
  x509::Pool pool;
  pool.add_pem(pem);
  return pool.certificates();
}

std::string pem_of(const std::vector<x509::CertificatePtr>& certificates) {
  std::string out;
  for (const auto& one : certificates) out += x509::encode_pem("CERTIFICATE", one->der);
  return out;
}

void add(std::vector<TrustSource>& out, std::string name, const std::string& pem, WallTime now) {
  std::string usable = usable_authorities(pem, now);
  if (!usable.empty()) out.push_back({std::move(name), std::move(usable)});
}

// A Secret's CA: its ca.crt, or a certificate that signed itself.
void add_secret(std::vector<TrustSource>& out, const std::string& ns, const std::string& name, const Scene& scene) {
  const json::Value* secret = scene.cluster.secrets.find(ns, name);
  if (!secret) return;
  const std::size_t before = out.size();
  for (const std::string_view key : bundle_keys)
    add(out, fmt::format("Secret {}/{} ({})", ns, name, key), secret_bytes(*secret, key), scene.now);
  if (out.size() != before) return;
  const auto chain = certificates_in(secret_bytes(*secret, "tls.crt"));
  if (!chain.empty() && chain.back()->self_issued())
    add(out, fmt::format("Secret {}/{} (tls.crt, signed by itself)", ns, name), pem_of({chain.back()}), scene.now);
}

bool names_service(const json::Value& certificate, const diagnose::Subject& subject) {
  const json::Array* names = json::array_at(certificate, {"spec", "dnsNames"});
  return names && std::any_of(names->begin(), names->end(), [&](const json::Value& name) {
           return name.is_string() && json::view(name.get_string()) == subject.server_name();
         });
}

std::vector<std::vector<std::string>> chains_in_secrets(const Scene& scene, const Ill& ill) {
  std::vector<std::vector<std::string>> out;
  for (const std::string& name : ill.secrets) {
    const json::Value* secret = scene.cluster.secrets.find(ill.subject->service_namespace, name);
    if (!secret) continue;
    std::vector<std::string> chain;
    for (const auto& one : certificates_in(secret_bytes(*secret, "tls.crt"))) chain.push_back(one->der);
    if (!chain.empty()) out.push_back(std::move(chain));
  }
  return out;
}

}  // namespace

std::string secret_bytes(const json::Value& secret, std::string_view key) {
  auto bytes = base64::decode(json::string_at(secret, {"data", key}));
  return bytes ? std::move(*bytes) : std::string();
}

std::string bundle_of(const json::Value& webhook) {
  auto bytes = base64::decode(json::string_at(webhook, {"clientConfig", "caBundle"}));
  return bytes ? std::move(*bytes) : std::string();
}

std::vector<std::string> service_names(const diagnose::Subject& subject) {
  const std::string base = subject.service_name + "." + subject.service_namespace;
  return {base + ".svc", base + ".svc.cluster.local", base, subject.service_name};
}

std::string usable_authorities(const std::string& pem, WallTime now) {
  std::vector<x509::CertificatePtr> kept;
  for (const auto& one : certificates_in(pem))
    if (WallTime(one->not_after) > now && (one->is_ca || one->self_issued() || !one->basic_constraints))
      kept.push_back(one);
  return pem_of(kept);
}

std::string side_by_side(const std::string& new_pem, const std::string& old_pem, WallTime now) {
  x509::Pool pool;
  pool.add_pem(new_pem);
  pool.add_pem(usable_authorities(old_pem, now));
  return pem_of(pool.certificates());
}

bool accepts_chain(const std::string& ca_pem, const std::vector<std::string>& chain, const Ill& ill, WallTime now) {
  x509::Pool roots;
  if (!roots.add_pem(ca_pem)) return false;
  x509::VerifyOptions options;
  options.name = ill.subject->by_service() ? ill.subject->server_name() : "";
  options.now = now;
  return x509::verify_peer(chain, &roots, options).has_value();
}

std::optional<bool> accepts(const TrustSource& source, const Scene& scene, const Ill& ill) {
  std::vector<std::vector<std::string>> chains;
  for (const Seen& seen : ill.endpoints)
    if (!seen.served.empty()) chains.push_back(seen.served);
  if (chains.empty()) chains = chains_in_secrets(scene, ill);
  if (chains.empty()) return std::nullopt;
  // While replicas change over, one of them is enough: the old CA stays beside the new one.
  return std::any_of(chains.begin(), chains.end(),
                     [&](const auto& chain) { return accepts_chain(source.pem, chain, ill, scene.now); });
}

std::vector<TrustSource> trust_sources(const Scene& scene, const Ill& ill) {
  std::vector<TrustSource> out;
  const diagnose::Subject& subject = *ill.subject;
  add(out, "the file given by --ca-file", scene.ca_pem, scene.now);
  if (const std::string named = diagnose::injection_secret(subject, scene.cluster); !named.empty())
    add_secret(out, named.substr(0, named.find('/')), named.substr(named.find('/') + 1), scene);
  for (const std::string& name : ill.secrets) add_secret(out, subject.service_namespace, name, scene);
  for (const json::Value* certificate : scene.cluster.certificates.in(subject.service_namespace))
    if (names_service(*certificate, subject))
      add_secret(out, subject.service_namespace, std::string(json::string_at(*certificate, {"spec", "secretName"})),
                 scene);
  for (const std::string& name : ill.other_secrets) {
    const std::size_t before = out.size();
    add_secret(out, subject.service_namespace, name, scene);
    for (std::size_t i = before; i < out.size(); ++i) out[i].proof_needed = true;
  }
  for (const json::Value* map : scene.config_maps.in(subject.service_namespace))
    for (const std::string_view key : bundle_keys)
      add(out,
          fmt::format("ConfigMap {}/{} ({})", subject.service_namespace, json::string_at(*map, {"metadata", "name"}),
                      key),
          std::string(json::string_at(*map, {"data", key})), scene.now);
  if (!scene.trust_served) return out;
  for (const Seen& seen : ill.endpoints) {
    if (seen.served.empty()) continue;
    auto last = x509::parse_certificate(seen.served.back());
    // A certificate that is trusted itself needs no authority above it.
    if (last) out.push_back({"what " + seen.address + " serves (--trust-served)", pem_of({*last})});
    break;
  }
  return out;
}

}  // namespace gatepost::remedy
