#include "diagnose/certificates.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/base64.h"
#include "x509/pool.h"
#include "x509/verify.h"

namespace gatepost::diagnose {
namespace {

constexpr std::size_t most_secrets = 8;
constexpr std::size_t most_bundle = 5;  // certificates of a caBundle that are told

std::string decoded(const json::Value& secret, std::string_view key) {
  auto bytes = base64::decode(json::string_at(secret, {"data", key}));
  return bytes ? std::move(*bytes) : std::string();
}

// "CN=webhook-ca, valid until 2027-01-01T00:00:00Z"
std::string described(const x509::Certificate& certificate) {
  return fmt::format("{}, valid from {} until {}", certificate.subject.text(),
                     rfc3339(WallTime(certificate.not_before)), rfc3339(WallTime(certificate.not_after)));
}

std::vector<x509::CertificatePtr> chain_of(const std::string& pem) {
  x509::Pool pool;
  pool.add_pem(pem);
  return pool.certificates();
}

struct Verdict {
  bool ok = false;
  std::optional<x509::VerifyFailure> failure;
  std::string text;
};

Verdict judge(const std::vector<x509::CertificatePtr>& chain, const x509::Pool* roots, const std::string& name,
              WallTime now) {
  std::vector<std::string> sent;
  for (const auto& one : chain) sent.push_back(one->der);
  auto verified = x509::verify_peer(sent, roots, {.name = name, .now = now});
  if (verified) return {true, std::nullopt, "accepted"};
  return {false, verified.error().failure, verified.error().text};
}

void mount(const json::Value& spec, std::vector<std::string>& out) {
  const json::Array* volumes = json::array_at(spec, {"volumes"});
  for (std::size_t i = 0; volumes && i < volumes->size(); ++i) {
    std::string name(json::string_at((*volumes)[i], {"secret", "secretName"}));
    const json::Array* sources = json::array_at((*volumes)[i], {"projected", "sources"});
    for (std::size_t k = 0; name.empty() && sources && k < sources->size(); ++k)
      name = json::string_at((*sources)[k], {"secret", "name"});
    if (!name.empty() && std::find(out.begin(), out.end(), name) == out.end() && out.size() < most_secrets)
      out.push_back(std::move(name));
  }
}

struct Bundle {
  std::shared_ptr<const x509::Pool> roots;  // null: empty or unusable
  bool empty = true;
};

Bundle check_bundle(const Subject& subject, WallTime now, Case& out) {
  Bundle bundle;
  const std::string_view text = json::string_at(*subject.webhook, {"clientConfig", "caBundle"});
  bundle.empty = text.empty();
  if (bundle.empty) {
    out.fact("bundle-empty");
    out.see("caBundle", std::nullopt, "empty: the API server trusts its system's authorities");
    return bundle;
  }
  auto pem = base64::decode(text);
  auto pool = pem ? x509::pool_from_ca_bundle(*pem) : fail("no base64");
  if (!pool) {
    out.fact("bundle-broken");
    out.see("caBundle", false, pool.error().text);
    return bundle;
  }
  bundle.roots = *pool;
  std::size_t told = 0;
  for (const auto& one : bundle.roots->certificates()) {
    if (++told > most_bundle) break;
    const bool current = WallTime(one->not_after) > now;
    out.see("caBundle", current ? std::nullopt : std::optional(false), described(*one));
  }
  return bundle;
}

// One Secret with a certificate, against the caBundle and what is served.
void check_secret(const Subject& subject, const std::string& name, const json::Value& secret, const Bundle& bundle,
                  const std::vector<x509::CertificatePtr>& served, WallTime now, Case& out) {
  const auto chain = chain_of(decoded(secret, "tls.crt"));
  if (chain.empty()) return;
  out.secret = name;
  const Verdict verdict = judge(chain, bundle.roots.get(), subject.server_name(), now);
  out.see("secret", verdict.ok, fmt::format("{}: {}: {}", name, described(*chain.front()), verdict.text));
  using x509::VerifyFailure;
  if (verdict.ok) out.fact("secret-good");
  if (verdict.failure == VerifyFailure::expired) out.fact("secret-expired");
  if (verdict.failure == VerifyFailure::name_mismatch || verdict.failure == VerifyFailure::no_san)
    out.fact("secret-misnamed");
  if (verdict.failure == VerifyFailure::unknown_authority) out.fact("secret-untrusted");
  x509::Pool own;
  if (own.add_pem(decoded(secret, "ca.crt"))) {
    const auto& judged = served.empty() ? chain : served;
    if (judge(judged, &own, subject.server_name(), now).ok) out.fact("secret-ca-accepts");
  }
  if (served.empty()) return;
  const bool same = served.front()->der == chain.front()->der;
  out.fact(same ? "served-as-secret" : "served-otherwise");
  out.see("served and secret", same,
          same ? "the served certificate is the Secret's" : "another certificate is served than the Secret holds");
}

}  // namespace

std::vector<std::string> mounted_secrets(const Backend& backend) {
  std::vector<std::string> out;
  for (const json::Value* pod : backend.pods)
    if (const json::Value* spec = json::find(*pod, "spec")) mount(*spec, out);
  for (const json::Value* workload : backend.workloads)
    if (const json::Value* spec = json::find_path(*workload, {"spec", "template", "spec"})) mount(*spec, out);
  return out;
}

void check_certificates(const Subject& subject, const Cluster& cluster, const std::vector<std::string>& secrets,
                        const std::vector<std::string>& served, WallTime now, Case& out) {
  const Bundle bundle = check_bundle(subject, now, out);
  std::vector<x509::CertificatePtr> chain;
  for (const std::string& der : served)
    if (auto parsed = x509::parse_certificate(der)) chain.push_back(std::move(*parsed));
  if (!chain.empty()) {
    const Verdict verdict = judge(chain, bundle.roots.get(), subject.server_name(), now);
    out.see("served certificate", verdict.ok, fmt::format("{}: {}", described(*chain.front()), verdict.text));
  }
  for (const std::string& name : secrets)
    if (const json::Value* secret = cluster.secrets.find(subject.service_namespace, name))
      check_secret(subject, name, *secret, bundle, chain, now, out);
}

}  // namespace gatepost::diagnose
