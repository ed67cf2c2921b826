#include <algorithm>
#include <set>

#include "formats/names.h"
#include "kube/validation/metadata.h"
#include "kube/validation/pod.h"
#include "kube/validation/volume.h"

namespace gatepost::kube {
namespace {

constexpr std::int64_t shortest_token = 600, longest_token = std::int64_t{1} << 32;
constexpr std::int64_t shortest_certificate = 3600, longest_certificate = 91 * 86400,
                       longest_kubernetes_certificate = 86400;

// The files of all sources of one volume.
class Paths {
 public:
  explicit Paths(const Field& volume) : volume_(volume) {}
  // `shown_name`: what a complaint shows, the path itself if empty.
  void take(Errors& errors, std::string_view path, std::string_view shown_name = {}) {
    if (!taken_.insert(path).second)
      errors.invalid_text(volume_, shown_name.empty() ? path : shown_name, "conflicting duplicate paths");
  }

 private:
  const Field& volume_;
  std::set<std::string_view> taken_;
};

void validate_keys(Errors& errors, const Field& projection, Paths& paths) {
  Field name = projection["name"], items = projection["items"];
  require_text(errors, name);
  for_each(items, [&](const Field& item) {
    validate_key_path(errors, item);
    std::string_view path = item["path"].text();
    if (!path.empty()) paths.take(errors, path, name.text());
  });
}

void validate_downward(Errors& errors, const Field& projection, Paths& paths) {
  Field items = projection["items"];
  for_each(items, [&](const Field& item) {
    validate_downward_file(errors, item, projection);
    if (std::string_view path = item["path"].text(); !path.empty()) paths.take(errors, path);
  });
}

// Complaints of the token's path are placed at the volume, as the real ones are.
void validate_token(Errors& errors, const Field& token, const Field& volume) {
  Field seconds = token["expirationSeconds"], path = token["path"];
  if (seconds.integer() < shortest_token)
    errors.invalid_number(seconds, seconds.integer(), "may not specify a duration less than 10 minutes");
  if (seconds.integer() > longest_token) errors.invalid(seconds, "may not specify a duration larger than 2^32 seconds");
  if (path.text().empty())
    errors.required(volume["path"]);
  else
    validate_local_path(errors, volume["path"].with(path.value()));
}

void validate_bundle_name(Errors& errors, const Field& field) {
  std::string_view name = field.text();
  if (name.empty()) errors.required(field, "must be a valid object name");
  auto complain = [&](const std::string& what) {
    errors.invalid(field, "not a valid clustertrustbundlename: " + what);
  };
  // "example.com:signer:name" is the bundle "name" of the signer example.com/signer.
  std::size_t colon = name.rfind(':');
  std::string signer(name.substr(0, colon == std::string_view::npos ? 0 : colon));
  std::string prefix = signer + ":";
  std::replace(signer.begin(), signer.end(), ':', '/');
  std::replace(prefix.begin(), prefix.end(), '/', ':');
  if (colon == 0) {
    complain("ClusterTrustBundle without signer name must not have \":\" in its name");
  } else if (colon != std::string_view::npos && !name.starts_with(prefix)) {
    complain("ClusterTrustBundle for signerName " + signer + " must be named with prefix " + prefix);
  } else {
    if (colon != std::string_view::npos) name.remove_prefix(colon + 1);
    for (const std::string& complaint : formats::dns1123_subdomain(name)) complain(complaint);
  }
}

void validate_trust_bundle(Errors& errors, const Field& bundle, Paths& paths) {
  Field name = bundle["name"], signer = bundle["signerName"], selector = bundle["labelSelector"], path = bundle["path"];
  if (name.present() && signer.present()) {
    std::string optional = bundle["optional"].present() ? shown(bundle["optional"].value()) : "null";
    errors.invalid_shown(bundle,
                         "{\"Name\":" + shown(name.value()) + ",\"SignerName\":" + shown(signer.value()) +
                             ",\"LabelSelector\":" + shown(selector.value()) + ",\"Optional\":" + optional +
                             ",\"Path\":" + shown(path.text()) + "}",
                         "only one of name and signerName may be used");
  } else if (name.present()) {
    validate_bundle_name(errors, name);
    if (selector.present()) errors.invalid(selector, "labelSelector must be unset if name is specified");
  } else if (signer.present()) {
    if (signer.text().empty()) errors.required(signer, "must be a valid signer name");
    validate_signer_name(errors, signer, signer.text());
    validate_label_selector(errors, selector);
  } else {
    errors.required(bundle, "either name or signerName must be specified");
  }
  require_text(errors, path);
  validate_local_path(errors, path);
  paths.take(errors, path.text());
}

void validate_user_annotations(Errors& errors, const Field& annotations) {
  if (!annotations.object()) return;
  for (const auto& annotation : *annotations.object()) {
    std::string key(annotation.key());
    for (char& c : key)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    if (key.empty()) {
      errors.required(annotations);
      continue;
    }
    auto complaints = formats::label_key(key);
    errors.invalid_each(annotations, key, complaints);
    if (complaints.empty() && key.find('/') == std::string::npos)
      errors.invalid_text(annotations, key, "must be a domain-prefixed key (such as \"acme.io/foo\")");
  }
}

void validate_pod_certificate(Errors& errors, const Field& certificate, Paths& paths) {
  Field signer = certificate["signerName"], key_type = certificate["keyType"],
        seconds = certificate["maxExpirationSeconds"];
  validate_signer_name(errors, signer, signer.text());
  validate_user_annotations(errors, certificate["userAnnotations"]);
  static constexpr Choices key_types = {"RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519"};
  if (!key_type.is_one_of(key_types)) errors.not_supported(key_type, key_types);
  if (seconds.present()) {
    if (seconds.integer() < shortest_certificate)
      errors.invalid(seconds, "if provided, maxExpirationSeconds must be >= " + std::to_string(shortest_certificate));
    std::int64_t most = is_kubernetes_signer(signer.text()) ? longest_kubernetes_certificate : longest_certificate;
    if (seconds.integer() > most)
      errors.invalid(seconds, "if provided, maxExpirationSeconds must be <= " + std::to_string(most));
  }
  bool any = false;
  for (std::string_view name : {"credentialBundlePath", "keyPath", "certificateChainPath"}) {
    Field path = certificate[name];
    if (path.text().empty()) continue;
    any = true;
    validate_local_path(errors, path);
    paths.take(errors, path.text());
  }
  if (!any)
    errors.required(certificate, "specify at least one of credentialBundlePath, keyPath, and certificateChainPath");
}

}  // namespace

void validate_projected(Errors& errors, const Field& source) {
  validate_file_mode(errors, source["defaultMode"]);
  Paths paths(source);
  Field sources = source["sources"];
  for_each(sources, [&](const Field& one) {
    int count = 0;
    for (std::string_view kind :
         {"secret", "configMap", "downwardAPI", "serviceAccountToken", "clusterTrustBundle", "podCertificate"}) {
      Field projection = one[kind];
      if (!projection.present()) continue;
      ++count;
      if (kind == "downwardAPI")
        validate_downward(errors, projection, paths);
      else if (kind == "serviceAccountToken")
        validate_token(errors, projection, source);
      else if (kind == "clusterTrustBundle")
        validate_trust_bundle(errors, projection, paths);
      else if (kind == "podCertificate")
        validate_pod_certificate(errors, projection, paths);
      else
        validate_keys(errors, projection, paths);
    }
    if (count > 1) errors.forbidden(one, "may not specify more than 1 volume type per source");
  });
}

bool is_kubernetes_signer(std::string_view name) {
  std::string_view host = name.substr(0, name.find('/'));
  return host == "kubernetes.io" || host.ends_with(".kubernetes.io");
}

void validate_signer_name(Errors& errors, const Field& field, std::string_view name) {
  constexpr std::size_t longest_domain = 253, longest_name = 253 + 1 + 253 + 63 + 1;
  if (name.empty()) {
    errors.required(field);
    return;
  }
  std::size_t slash = name.find('/');
  if (slash == std::string_view::npos || name.find('/', slash + 1) != std::string_view::npos) {
    errors.invalid_text(field, name, "must be a fully qualified domain and path of the form 'example.com/signer-name'");
    return;
  }
  std::string_view domain = name.substr(0, slash), path = name.substr(slash + 1);
  if (domain.size() > longest_domain) errors.too_long(field, longest_domain);
  // The complaints about the first part that draws some.
  auto judge_parts = [&](std::string_view text, formats::Complaints (*form)(std::string_view)) {
    for (std::string_view rest = text;;) {
      std::string_view part = rest.substr(0, rest.find('.'));
      auto complaints = form(part);
      for (const std::string& complaint : complaints)
        errors.invalid_text(field, text, "validating label " + shown(part) + ": " + complaint);
      if (!complaints.empty() || part.size() == rest.size()) return;
      rest.remove_prefix(part.size() + 1);
    }
  };
  judge_parts(domain, formats::dns1123_label);
  if (domain.find('.') == std::string_view::npos)
    errors.invalid_text(field, domain, "should be a domain with at least two segments separated by dots");
  judge_parts(path, formats::dns1123_subdomain);
  if (name.size() > longest_name) errors.too_long(field, longest_name);
}

}  // namespace gatepost::kube
