#include "diagnose/certificates.h"

#include <algorithm>
#include <fmt/format.h>

#include "base/base64.h"
#include "formats/ip.h"
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

// What the makers of webhook certificates call them: kubernetes.io/tls, kube-webhook-certgen, others.
constexpr std::string_view certificate_keys[] = {"tls.crt", "cert", "cert.pem", "server.crt", "webhook.crt"};
constexpr std::string_view ca_keys[] = {"ca.crt", "ca", "ca.pem", "ca-cert.pem", "service-ca.crt"};

template <std::size_t size>
std::string decoded_first(const json::Value& secret, const std::string_view (&keys)[size]) {
  for (std::string_view key : keys)
    if (std::string bytes = decoded(secret, key); !bytes.empty()) return bytes;
  return "";
}

// "CN=webhook-ca, valid from 2026-01-01T00:00:00Z until 2027-01-01T00:00:00Z, SHA-256 0a1b2c3d4e5f6071"
std::string described(const x509::Certificate& certificate) {
  return fmt::format("{}, valid from {} until {}, SHA-256 {}", certificate.subject.text(),
                     rfc3339(WallTime(certificate.not_before)), rfc3339(WallTime(certificate.not_after)),
                     certificate.sha256_fingerprint().substr(0, 16));
}

std::vector<std::string> names_of(const x509::Certificate& certificate) {
  std::vector<std::string> out = certificate.dns_names;
  for (const std::string& bytes : certificate.ip_addresses) {
    formats::Ip ip;
    ip.v6 = bytes.size() == ip.bytes.size();
    std::copy_n(bytes.begin(), std::min(bytes.size(), ip.bytes.size()), ip.bytes.begin());
    out.push_back(formats::ip_text(ip));
  }
  return out;
}

void remember(std::string place, const x509::Certificate& certificate, std::optional<bool> ok, Case& out) {
  out.finding.certificates.push_back({std::move(place), certificate.subject.text(), certificate.issuer.text(),
                                      certificate.sha256_fingerprint(),
                                      certificate.not_before.time_since_epoch().count(),
                                      certificate.not_after.time_since_epoch().count(), ok, names_of(certificate)});
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
  const std::string shown = fmt::format(
      "kubectl get {} {} -o jsonpath='{{.webhooks[{}].clientConfig.caBundle}}' | base64 -d | openssl storeutl -noout "
      "-text "
      "-certs /dev/stdin",
      subject.resource(), subject.configuration, subject.index);
  bundle.empty = text.empty();
  if (bundle.empty) {
    out.fact("bundle-empty");
    out.see("caBundle", std::nullopt, "empty: the API server trusts its system's authorities", shown);
    return bundle;
  }
  auto pem = base64::decode(text);
  auto pool = pem ? x509::pool_from_ca_bundle(*pem) : fail("no base64");
  if (!pool) {
    out.fact("bundle-broken");
    out.see("caBundle", false, pool.error().text, shown);
    return bundle;
  }
  bundle.roots = *pool;
  std::size_t told = 0;
  for (const auto& one : bundle.roots->certificates()) {
    if (++told > most_bundle) break;
    const bool current = WallTime(one->not_after) > now && WallTime(one->not_before) <= now;
    out.see("caBundle", current ? std::nullopt : std::optional(false), described(*one), shown);
    remember("caBundle", *one, current ? std::nullopt : std::optional(false), out);
  }
  return bundle;
}

struct Shown {
  std::string address;
  std::vector<x509::CertificatePtr> chain;
};

// What each pod serves, against the caBundle.
std::vector<Shown> check_served(const Subject& subject, const std::vector<Served>& served, const Bundle& bundle,
                                WallTime now, Case& out) {
  std::vector<Shown> all;
  for (const Served& one : served) {
    Shown shown{one.address, {}};
    for (const std::string& der : one.chain)
      if (auto parsed = x509::parse_certificate(der)) shown.chain.push_back(std::move(*parsed));
    if (shown.chain.empty()) continue;
    const x509::Certificate& leaf = *shown.chain.front();
    const Verdict verdict = judge(shown.chain, bundle.roots.get(), subject.server_name(), now);
    out.see(
        "served certificate", verdict.ok,
        fmt::format("{}: {}, for {}: {}", one.address, described(leaf), fmt::join(names_of(leaf), ", "), verdict.text),
        fmt::format("openssl s_client -connect {} -servername {} </dev/null", one.address, subject.server_name()));
    remember("served by " + one.address, leaf, verdict.ok, out);
    if (std::any_of(leaf.uris.begin(), leaf.uris.end(),
                    [](const std::string& uri) { return uri.starts_with("spiffe://"); })) {
      out.fact("served-by-mesh");
      out.see("served certificate", false, one.address + ": it is a service mesh's identity, " + leaf.uris.front());
    }
    if (!all.empty() && all.front().chain.front()->der != leaf.der) {
      out.fact("served-differently");
      out.see("pods differ", std::nullopt,
              fmt::format("{} and {} serve different certificates", all.front().address, one.address));
    }
    all.push_back(std::move(shown));
  }
  return all;
}

// One Secret with a certificate, against the caBundle and what each pod serves.
void check_secret(const Subject& subject, const std::string& name, const json::Value& secret, const Bundle& bundle,
                  const std::vector<Shown>& served, WallTime now, Case& out) {
  const auto chain = chain_of(decoded_first(secret, certificate_keys));
  if (chain.empty()) return;
  out.secret = name;
  const Verdict verdict = judge(chain, bundle.roots.get(), subject.server_name(), now);
  out.see(
      "secret", verdict.ok, fmt::format("{}: {}: {}", name, described(*chain.front()), verdict.text),
      fmt::format(
          "kubectl -n {} get secret {} -o jsonpath='{{.data.tls\\.crt}}' | base64 -d | openssl x509 -noout -subject "
          "-dates -ext subjectAltName",
          subject.service_namespace, name));
  remember("Secret " + subject.service_namespace + "/" + name, *chain.front(), verdict.ok, out);
  using x509::VerifyFailure;
  if (verdict.ok) out.fact("secret-good");
  if (verdict.failure == VerifyFailure::expired) out.fact("secret-expired");
  if (verdict.failure == VerifyFailure::name_mismatch || verdict.failure == VerifyFailure::no_san)
    out.fact("secret-misnamed");
  if (verdict.failure == VerifyFailure::unknown_authority) out.fact("secret-untrusted");
  x509::Pool own;
  if (own.add_pem(decoded_first(secret, ca_keys))) {
    const auto& judged = served.empty() ? chain : served.front().chain;
    if (judge(judged, &own, subject.server_name(), now).ok) out.fact("secret-ca-accepts");
  }
  for (const Shown& one : served) {
    const bool same = one.chain.front()->der == chain.front()->der;
    out.fact(same ? "served-as-secret" : "served-otherwise");
    out.see("served and secret", same,
            one.address +
                (same ? " serves the Secret's certificate" : " serves another certificate than the Secret holds"));
  }
}

// cert-manager's Certificates that fill a Secret.
std::vector<const json::Value*> certificates_of(const Subject& subject, const std::string& secret,
                                                const Cluster& cluster) {
  std::vector<const json::Value*> out;
  for (const json::Value* one : cluster.certificates.in(subject.service_namespace))
    if (json::string_at(*one, {"spec", "secretName"}) == secret) out.push_back(one);
  return out;
}

void check_maker(const Subject& subject, const std::string& secret, const Cluster& cluster, Case& out) {
  for (const json::Value* one : certificates_of(subject, secret, cluster)) {
    const std::string_view name = json::string_at(*one, {"metadata", "name"});
    std::string detail = fmt::format("Certificate {} fills the Secret {}", name, secret);
    if (auto renewal = json::string_at(*one, {"status", "renewalTime"}); !renewal.empty())
      detail += fmt::format(", next renewal {}", renewal);
    std::optional<bool> ok;
    const json::Array* conditions = json::array_at(*one, {"status", "conditions"});
    for (std::size_t i = 0; conditions && i < conditions->size(); ++i)
      if (json::string_at((*conditions)[i], {"type"}) == "Ready") {
        ok = json::string_at((*conditions)[i], {"status"}) == "True";
        detail += fmt::format(": {}", json::string_at((*conditions)[i], {"message"}));
      }
    out.see("certificate", ok, std::move(detail),
            fmt::format("kubectl -n {} describe certificate {}", subject.service_namespace, name));
  }
}

}  // namespace

std::vector<std::string> mounted_secrets(const Backend& backend) {
  std::vector<std::string> out;
  for (const json::Value* pod : backend.pods)
    if (const json::Value* spec = json::find(*pod, "spec")) mount(*spec, out);
  for (const Workload& workload : backend.workloads)
    if (const json::Value* spec = json::find_path(*workload.object, {"spec", "template", "spec"})) mount(*spec, out);
  if (!backend.service) return out;
  // OpenShift's service-ca writes a Service's certificate into the Secret that the Service names.
  for (std::string_view key :
       {"service.beta.openshift.io/serving-cert-secret-name", "service.alpha.openshift.io/serving-cert-secret-name"}) {
    std::string name(json::string_at(*backend.service, {"metadata", "annotations", key}));
    if (!name.empty() && std::find(out.begin(), out.end(), name) == out.end()) out.push_back(std::move(name));
  }
  return out;
}

void check_certificates(const Subject& subject, const Cluster& cluster, const std::vector<std::string>& secrets,
                        const std::vector<Served>& served, WallTime now, Case& out) {
  const Bundle bundle = check_bundle(subject, now, out);
  const auto shown = check_served(subject, served, bundle, now, out);
  for (const std::string& name : secrets) {
    const json::Value* secret = cluster.secrets.find(subject.service_namespace, name);
    if (secret)
      check_secret(subject, name, *secret, bundle, shown, now, out);
    else if (!certificates_of(subject, name, cluster).empty())
      out.see("secret", false, "the Secret " + name + ", which a Certificate is to fill, does not exist");
    check_maker(subject, name, cluster, out);
  }
}

}  // namespace gatepost::diagnose
