// GP4, the rest: the certificates that backends serve, and what issues and injects them.
#include "lint/rules/common.h"
#include "lint/rules/validity.h"
#include "lint/trust.h"
#include "x509/hostname.h"
#include "x509/pool.h"
#include "x509/verify.h"

namespace gatepost::lint {
namespace {

constexpr std::int64_t ninety_days = 90L * 24 * 3600;  // seconds

// Each served chain once: several webhooks share a backend.
template <class Each>
void for_each_served(const Model& model, Each each) {
  for (const Webhook& webhook : model.webhooks())
    for (const Served& served : served_chains(model, webhook)) each(webhook, served);
}

void add(Sink& sink, const Webhook& webhook, const Served& served, std::string message,
         std::optional<report::Severity> severity = std::nullopt) {
  sink.add(Hit{.manifest = served.manifest,
               .path = served.path,
               .message = std::move(message),
               .webhook = &webhook,
               .severity = severity});
}

void served_cert_expiring(const Model& model, Sink& sink) {
  for_each_served(model, [&](const Webhook& webhook, const Served& served) {
    const Remaining left = remaining(*served.chain.front(), model);
    // A pinned certificate is told as the CA that it stands for.
    if (left.severity && !served.pinned)
      add(sink, webhook, served,
          fmt::format("the served certificate {} {}", described(*served.chain.front()), left.text), left.severity);
  });
}

void san_missing_service_name(const Model& model, Sink& sink) {
  for_each_served(model, [&](const Webhook& webhook, const Served& served) {
    if (!webhook.service) return;
    auto judged = x509::verify_hostname(*served.chain.front(), webhook.service->host());
    if (!judged && judged.error().kind == x509::NameMismatch::other_names)
      add(sink, webhook, served, judged.error().text);
  });
}

void no_san_at_all(const Model& model, Sink& sink) {
  for_each_served(model, [&](const Webhook& webhook, const Served& served) {
    const x509::Certificate& leaf = *served.chain.front();
    if (!leaf.has_san)
      add(sink, webhook, served, fmt::format("{} has a common name only, which is not looked at", described(leaf)));
  });
}

void chain_not_from_bundle(const Model& model, Sink& sink) {
  for_each_served(model, [&](const Webhook& webhook, const Served& served) {
    const Bundle& bundle = bundle_of(webhook);
    if (served.pinned || bundle.certificates.empty()) return;
    x509::Pool roots, intermediates;
    for (const auto& one : bundle.certificates) roots.add(one);
    for (std::size_t i = 1; i < served.chain.size(); ++i) intermediates.add(served.chain[i]);
    const x509::Certificate& leaf = *served.chain.front();
    const auto middle = leaf.not_before + (leaf.not_after - leaf.not_before) / 2;
    auto judged = x509::verify(served.chain.front(), intermediates, roots,
                               {.name = "", .now = WallTime(middle), .usage = x509::ExtKeyUsage::any});
    if (!judged && (judged.error().failure == x509::VerifyFailure::unknown_authority ||
                    judged.error().failure == x509::VerifyFailure::not_a_ca))
      add(sink, webhook, served,
          fmt::format("{} does not chain to the caBundle of {}: {}", described(leaf), webhook.name,
                      judged.error().text));
  });
}

std::string weakness(const x509::Certificate& certificate) {
  constexpr unsigned least_rsa_bits = 2048;
  if (certificate.signature_algorithm.hash == x509::Hash::sha1 ||
      certificate.signature_algorithm.hash == x509::Hash::md5)
    return fmt::format("is signed with {}", certificate.signature_algorithm.name);
  if (certificate.key_algorithm == x509::KeyAlgorithm::rsa && certificate.key_bits < least_rsa_bits)
    return fmt::format("has an RSA key of {} bits", certificate.key_bits);
  return "";
}

void weak_crypto(const Model& model, Sink& sink) {
  for (const Webhook& webhook : model.webhooks())
    for (const auto& one : bundle_of(webhook).certificates)
      if (const std::string why = weakness(*one); !why.empty())
        sink.add(webhook, "clientConfig.caBundle", fmt::format("{} {}", described(*one), why));
  for_each_served(model, [&](const Webhook& webhook, const Served& served) {
    const std::string why = weakness(*served.chain.front());
    if (!why.empty() && !served.pinned)
      add(sink, webhook, served, fmt::format("{} {}", described(*served.chain.front()), why));
  });
}

void hundred_year_certificate(const Model& model, Sink& sink) {
  constexpr auto ten_years = std::chrono::days(3660);
  auto is_long = [&](const x509::Certificate& one) { return one.not_after - one.not_before > ten_years; };
  auto message = [](const x509::Certificate& one) {
    const auto years = std::chrono::duration_cast<std::chrono::years>(one.not_after - one.not_before).count();
    return fmt::format("{} is valid for {} years", described(one), years);
  };
  for (const Webhook& webhook : model.webhooks())
    for (const auto& one : bundle_of(webhook).certificates)
      if (is_long(*one)) sink.add(webhook, "clientConfig.caBundle", message(*one));
  for_each_served(model, [&](const Webhook& webhook, const Served& served) {
    if (is_long(*served.chain.front()) && !served.pinned) add(sink, webhook, served, message(*served.chain.front()));
  });
}

// --- cert-manager

void injector_annotation_broken(const Model& model, Sink& sink) {
  const bool knows_certificates = !model.of_kind("Certificate").empty();
  for (const Webhook& webhook : model.webhooks()) {
    if (webhook.index != 0) continue;  // the annotation is the configuration's
    std::vector<Injection> asked = injections(webhook);
    std::erase_if(asked, [](const Injection& one) { return !one.is_cert_manager; });
    auto add = [&](std::string_view key, std::string message) {
      sink.add(*webhook.owner, Path("metadata.annotations") / key, std::move(message), &webhook);
    };
    if (asked.size() > 1)
      add(asked[1].key, fmt::format("two sources for one caBundle: {} and {}", asked[0].key, asked[1].key));
    for (const Injection& one : asked) {
      if (one.key == "cert-manager.io/inject-apiserver-ca") continue;
      const auto reference = split_reference(one.value);
      if (!reference) {
        add(one.key, fmt::format("\"{}\" is not of the form namespace/name", one.value));
        continue;
      }
      const auto& [ns, name] = *reference;
      const bool from_secret = one.key.ends_with("-secret");
      const Manifest* target = model.find(from_secret ? "Secret" : "Certificate", ns, name);
      if (from_secret && target && target->annotation("cert-manager.io/allow-direct-injection") != "true")
        add(one.key,
            fmt::format("Secret {} does not carry cert-manager.io/allow-direct-injection: \"true\"", one.value));
      const bool would_know =
          model.from_cluster() || (!from_secret && (knows_certificates || webhook.service_manifest));
      if (!target && would_know)
        add(one.key, fmt::format("there is no {} {}", from_secret ? "Secret" : "Certificate", one.value));
    }
  }
}

bool covers_host(std::string_view dns_name, std::string_view host) {
  if (dns_name == host) return true;
  return dns_name.starts_with("*.") && host.find('.') != std::string_view::npos &&
         host.substr(host.find('.')) == dns_name.substr(1);
}

void certificate_lacks_dns_name(const Model& model, Sink& sink) {
  for (const Webhook& webhook : model.webhooks())
    for (const Manifest* certificate : served_certificates(model, webhook)) {
      const std::string host = webhook.service->host();
      const json::Value* spec = json::find(certificate->value, "spec");
      const auto names = spec ? admission::read_texts(*spec, "dnsNames") : std::vector<std::string>{};
      const bool unknown = std::any_of(names.begin(), names.end(), [](const std::string& name) {
        return name.find("$(") != std::string::npos || name.find("_PLACEHOLDER") != std::string::npos;
      });
      if (unknown ||
          std::any_of(names.begin(), names.end(), [&](const std::string& name) { return covers_host(name, host); }))
        continue;
      sink.add(*certificate, Path("spec.dnsNames"), fmt::format("{} is not among the dnsNames", host), &webhook);
    }
}

// Seconds of "2160h", "90m", "2160h0m0s"; nothing for another text.
std::optional<std::int64_t> duration_seconds(std::string_view text) {
  std::int64_t total = 0, number = 0;
  bool digits = false;
  for (char c : text) {
    if (c >= '0' && c <= '9') {
      number = number * 10 + (c - '0');
      digits = true;
      if (number > 1'000'000'000) return std::nullopt;
      continue;
    }
    const std::int64_t unit = c == 'h' ? 3600 : c == 'm' ? 60 : c == 's' ? 1 : 0;
    if (unit == 0 || !digits) return std::nullopt;
    total += number * unit;
    number = 0;
    digits = false;
  }
  return digits ? std::nullopt : std::optional(total);
}

// The Certificate of the CA that signs what the webhook trusts.
const Manifest* trust_anchor(const Model& model, const Manifest& injected) {
  if (json::bool_at(injected.value, {"spec", "isCA"})) return &injected;
  const Manifest* issuer = issuer_of(model, injected);
  if (!issuer) return nullptr;
  const std::string_view secret = issuer->text({"spec", "ca", "secretName"});
  if (secret.empty()) return nullptr;
  for (const Manifest* one : model.of_kind("Certificate"))
    if (one->text({"spec", "secretName"}) == secret && json::bool_at(one->value, {"spec", "isCA"})) return one;
  return nullptr;
}

void short_lived_trust_anchor(const Model& model, Sink& sink) {
  for (const Webhook& webhook : model.webhooks()) {
    const Manifest* injected = injected_certificate(model, webhook);
    const Manifest* anchor = injected ? trust_anchor(model, *injected) : nullptr;
    if (!anchor) continue;
    const std::string_view written = anchor->text({"spec", "duration"});
    const auto seconds = written.empty() ? std::optional(ninety_days) : duration_seconds(written);
    if (seconds && *seconds <= ninety_days)
      sink.add(*anchor, Path("spec.duration"),
               fmt::format("the CA lives for {} days{}; each renewal has to reach every caBundle in time",
                           *seconds / 86400, written.empty() ? " by default" : ""),
               &webhook);
  }
}

bool is_self_signed(const Manifest* issuer) {
  return issuer && issuer->at({"spec", "selfSigned"}) != nullptr;
}

void no_rotation_overlap(const Model& model, Sink& sink) {
  for (const Webhook& webhook : model.webhooks()) {
    const Manifest* injected = injected_certificate(model, webhook);
    if (!injected) continue;
    const bool own_anchor = is_self_signed(issuer_of(model, *injected));
    const bool is_ca = json::bool_at(injected->value, {"spec", "isCA"});
    const bool new_key = injected->text({"spec", "privateKey", "rotationPolicy"}) == "Always";
    if (own_anchor && (!is_ca || new_key))
      sink.add(*injected, Path("spec.issuerRef"),
               "each renewal replaces the only trusted certificate in place, before or after the backend serves it",
               &webhook);
  }
}

// --- charts

bool is_certgen(const Workload& workload) {
  for (const Container& container : workload.containers()) {
    const std::string_view image = json::string_at(*container.value, {"image"});
    if (image.find("certgen") != std::string_view::npos) return true;
  }
  return workload.manifest->name.find("certgen") != std::string::npos ||
         workload.manifest->name.find("admission-create") != std::string::npos ||
         workload.manifest->name.find("admission-patch") != std::string::npos;
}

void hook_job_under_gitops(const Model& model, Sink& sink) {
  for (const Workload& workload : model.workloads()) {
    const Manifest& job = *workload.manifest;
    if (workload.kind() != "Job" || job.annotation("helm.sh/hook").empty() || !is_certgen(workload)) continue;
    if (!job.annotation("argocd.argoproj.io/hook").empty()) continue;
    sink.add(job, Path("metadata.annotations") / "helm.sh/hook",
             "the certificate comes from a Helm hook, which Argo CD runs at other times than Helm does");
  }
}

// Template functions that make new keys at each rendering.
void cert_regenerated_on_render(const Model& model, Sink& sink) {
  constexpr std::string_view functions[] = {
      "genCA",        "genSignedCert",        "genSelfSignedCert",       "genPrivateKey",
      "genCAWithKey", "genSignedCertWithKey", "genSelfSignedCertWithKey"};
  for (const SourceFile& file : model.files()) {
    if (file.text.find("{{") == std::string::npos) continue;
    std::uint32_t number = 0;
    std::string_view rest = file.text;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      const std::string_view line = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      ++number;
      std::size_t at = std::string_view::npos;
      std::string_view found;
      for (std::string_view function : functions) {
        const std::size_t here = line.find(std::string(function) + " ");
        if (here < at) at = here, found = function;
      }
      if (found.empty()) {
        at = line.find("lookup ");
        if (at != std::string_view::npos && line.find("Secret") != std::string_view::npos) found = "lookup";
      }
      if (found.empty()) continue;
      sink.add(Hit{.manifest = nullptr,
                   .path = {},
                   .message = found == "lookup" ? std::string("lookup finds nothing where a chart is rendered without "
                                                              "the cluster, so certificates are made anew")
                                                : fmt::format("{} makes a new certificate at each rendering", found),
                   .webhook = nullptr,
                   .severity = std::nullopt,
                   .file = &file,
                   .line = number,
                   .column = static_cast<std::uint32_t>(at + 1)});
      break;
    }
  }
}

constexpr Rule rules[] = {{"GP405", served_cert_expiring},
                          {"GP406", san_missing_service_name},
                          {"GP407", no_san_at_all},
                          {"GP408", chain_not_from_bundle},
                          {"GP409", weak_crypto},
                          {"GP411", injector_annotation_broken},
                          {"GP412", certificate_lacks_dns_name},
                          {"GP413", short_lived_trust_anchor},
                          {"GP414", hundred_year_certificate},
                          {"GP415", hook_job_under_gitops},
                          {"GP416", cert_regenerated_on_render},
                          {"GP419", no_rotation_overlap}};

}  // namespace

std::span<const Rule> certificate_rules() {
  return rules;
}

}  // namespace gatepost::lint
