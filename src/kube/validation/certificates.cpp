#include <array>
#include <set>

#include "base/base64.h"
#include "formats/names.h"
#include "kube/validation/kinds.h"
#include "kube/validation/volume.h"
#include "x509/pem.h"

// CertificateSigningRequest and APIService.
namespace gatepost::kube {
namespace {

constexpr std::int64_t shortest_validity = 600, highest_group_priority = 20000, highest_version_priority = 1000;

constexpr Choices usages = {"any",
                            "cert sign",
                            "client auth",
                            "code signing",
                            "content commitment",
                            "crl sign",
                            "data encipherment",
                            "decipher only",
                            "digital signature",
                            "email protection",
                            "encipher only",
                            "ipsec end system",
                            "ipsec tunnel",
                            "ipsec user",
                            "key agreement",
                            "key encipherment",
                            "microsoft sgc",
                            "netscape sgc",
                            "ocsp signing",
                            "s/mime",
                            "server auth",
                            "signing",
                            "timestamping"};

void validate_request(Errors& errors, const Field& request) {
  auto bytes = base64::decode(request.text());
  std::string_view rest = bytes ? std::string_view(*bytes) : std::string_view{};
  auto block = x509::decode_pem(rest);
  if (!block || block->type != "CERTIFICATE REQUEST")
    errors.invalid_shown(request, shown(request.value()), "PEM block type must be CERTIFICATE REQUEST");
}

void create_request(Errors& errors, const Field& object) {
  Field spec = object["spec"];
  Field wanted = spec["usages"], signer = spec["signerName"], seconds = spec["expirationSeconds"];
  validate_request(errors, spec["request"]);
  if (wanted.empty()) errors.required(wanted);
  for_each(wanted, [&](const Field& usage) {
    if (!usage.is_one_of(usages)) errors.not_supported(usage, usages);
  });
  std::set<std::string_view> seen;
  for_each(wanted, [&](const Field& usage) {
    if (!seen.insert(usage.text()).second) errors.duplicate(usage);
  });
  if (signer.is("kubernetes.io/legacy-unknown"))
    errors.invalid(signer, "the legacy signerName is not allowed via this API version");
  else
    validate_signer_name(errors, signer, signer.text());
  if (seconds.present() && seconds.integer() < shortest_validity)
    errors.invalid(seconds, "may not specify a duration less than 600 seconds (10 minutes)");
}

void validate_api_service_name(Errors& errors, const Field& object) {
  Field metadata = object["metadata"], spec = object["spec"];
  Field name = metadata["name"];
  std::string required = std::string(spec["version"].text()) + "." + std::string(spec["group"].text());
  if (!name.text().empty() && formats::path_segment(name.text()).empty() && name.text() != required)
    errors.invalid(name, "must be `spec.version+\".\"+spec.group`: " + shown(std::string_view(required)));
}

void create_api_service(Errors& errors, const Field& object) {
  Field spec = object["spec"];
  Field group = spec["group"], version = spec["version"], least = spec["groupPriorityMinimum"],
        priority = spec["versionPriority"], service = spec["service"], bundle = spec["caBundle"],
        insecure = spec["insecureSkipTLSVerify"];
  validate_api_service_name(errors, object);
  if (group.text().empty() && !version.is("v1"))
    errors.required(group, "only v1 may have an empty group and it better be legacy kube");
  if (!group.text().empty()) errors.invalid_each(group, group.text(), formats::dns1123_subdomain(group.text()));
  errors.invalid_each(version, version.text(), formats::dns1035_label(version.text()));
  auto between = [&](const Field& field, std::int64_t most) {
    if (field.integer() <= 0 || field.integer() > most)
      errors.invalid_number(field, field.integer(), "must be positive and less than " + std::to_string(most));
  };
  between(least, highest_group_priority);
  between(priority, highest_version_priority);
  if (!service.present()) {
    auto bytes = base64::decode(bundle.text());
    if (bytes && !bytes->empty())
      errors.invalid_text(bundle, std::to_string(bytes->size()) + " bytes",
                          "local APIServices may not have a caBundle");
    if (insecure.truth()) errors.invalid(insecure, "local APIServices may not have insecureSkipTLSVerify");
    return;
  }
  Field port = service["port"];
  require_text(errors, service["namespace"]);
  require_text(errors, service["name"]);
  if (auto complaints = formats::port_number(port.integer()); !complaints.empty())
    errors.invalid_number(port, port.integer(), "port is not valid: " + formats::joined(complaints, ", "));
  if (insecure.truth() && !bundle.text().empty()) errors.invalid(insecure, "may not be true if caBundle is present");
}

}  // namespace

std::span<const KindRules> certificate_rules() {
  static constexpr std::array rows = {
      KindRules{"certificates.k8s.io", "CertificateSigningRequest", create_request},
      KindRules{"apiregistration.k8s.io", "APIService", create_api_service},
  };
  return rows;
}

}  // namespace gatepost::kube
