#include <algorithm>
#include <array>

#include "formats/names.h"
#include "formats/quantity.h"
#include "kube/validation/pod.h"

// What an environment variable or a file takes from the pod itself.
namespace gatepost::kube {
namespace {

// The complaint names the resource, not the divisor.
void validate_divisor(Errors& errors, const Field& divisor, std::string_view resource) {
  auto parsed = formats::Quantity::parse(divisor.text());
  if (!divisor.present() || !parsed || parsed->is_zero()) return;
  std::string text = parsed->canonical();
  auto complain = [&](const std::string& what) {
    errors.invalid_text(divisor, resource, "only divisor's values " + what + " resource");
  };
  if (resource == "limits.cpu" || resource == "requests.cpu") {
    if (text != "1m" && text != "1") complain("1m and 1 are supported with the cpu");
    return;
  }
  static constexpr std::array<std::string_view, 13> sizes = {"1",   "1k",  "1M",  "1G",  "1T",  "1P", "1E",
                                                             "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"};
  if (std::find(sizes.begin(), sizes.end(), text) != sizes.end()) return;
  static constexpr const char* all = "1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are supported with the ";
  if (resource == "limits.memory" || resource == "requests.memory")
    complain(std::string(all) + "memory");
  else if (resource == "limits.ephemeral-storage" || resource == "requests.ephemeral-storage")
    complain(std::string(all) + "local ephemeral storage");
  else if (resource.starts_with("limits.hugepages-") || resource.starts_with("requests.hugepages-"))
    complain(std::string(all) + "hugepages");
}

}  // namespace

void validate_object_field(Errors& errors, const Field& reference, Choices supported) {
  Field version = reference["apiVersion"], path = reference["fieldPath"];
  if (version.text().empty()) return errors.required(version);
  if (path.text().empty()) return errors.required(path);
  std::string_view text = path.text();
  if (!version.is("v1")) {
    errors.invalid(path, "error converting fieldPath: unsupported pod version: " + std::string(version.text()));
    return;
  }
  std::size_t open = text.find("['");
  if (open != std::string_view::npos && open > 0 && text.ends_with("']") && text.size() >= open + 4) {
    std::string_view base = text.substr(0, open);
    std::string key(text.substr(open + 2, text.size() - open - 4));
    if (base == "metadata.annotations")
      for (char& c : key)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    if (base == "metadata.annotations" || base == "metadata.labels")
      errors.invalid_each(reference, key, formats::label_key(key));
    else
      errors.invalid(path, "error converting fieldPath: field label does not support subscript: " + std::string(text));
    return;
  }
  static constexpr Choices known = {
      "metadata.annotations", "metadata.labels", "metadata.name",      "metadata.namespace",
      "metadata.uid",         "spec.nodeName",   "spec.restartPolicy", "spec.serviceAccountName",
      "spec.schedulerName",   "status.phase",    "status.hostIP",      "status.hostIPs",
      "status.podIP",         "status.podIPs",   "spec.host"};
  if (!path.is_one_of(known))
    errors.invalid(path, "error converting fieldPath: field label not supported: " + std::string(text));
  else if (!path.is_one_of(supported))
    errors.not_supported(path, supported);
}

void validate_resource_field(Errors& errors, const Field& reference, ResourceFieldOf where) {
  static constexpr Choices known = {"limits.cpu",   "limits.ephemeral-storage",   "limits.memory",
                                    "requests.cpu", "requests.ephemeral-storage", "requests.memory"};
  Field resource = reference["resource"], container = reference["containerName"];
  std::string_view name = resource.text();
  if (where == ResourceFieldOf::volume && container.text().empty())
    errors.required(container);
  else if (name.empty())
    errors.required(resource);
  else if (!resource.is_one_of(known) && !name.starts_with("limits.hugepages-") &&
           !name.starts_with("requests.hugepages-"))
    errors.not_supported(resource, known);
  validate_divisor(errors, reference["divisor"], name);
}

}  // namespace gatepost::kube
