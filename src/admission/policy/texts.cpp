#include "admission/policy/texts.h"

#include <algorithm>

#include "json/write.h"

namespace gatepost::admission {
namespace {

// The name by which a refusal calls the object (admission.NewForbidden).
std::string shown_name(const Attributes& attributes) {
  if (!attributes.name.empty()) return attributes.name;
  if (!attributes.object.is_object()) return "Unknown!";
  if (!json::find(attributes.object, "metadata")) return "Unknown/errorGettingName";
  for (std::string_view field : {"name", "generateName"})
    if (std::string_view name = json::string_at(attributes.object, {"metadata", field}); !name.empty())
      return std::string(name);
  return "Unknown!";
}

kube::Status forbidden(const Attributes& attributes, std::string_view why) {
  return kube::forbidden(attributes.resource.group, attributes.resource.resource, shown_name(attributes), why);
}

int code_of(std::string_view reason) {
  if (reason == "Unauthorized") return 401;
  if (reason == "Forbidden") return 403;
  if (reason == "RequestEntityTooLarge") return 413;
  return 422;
}

std::string quoted(const std::string& text) {
  std::string out;
  json::write_string(text, out);
  return out;
}

std::string mutation_text(const PolicyDenial& denial) {
  if (denial.binding.empty()) return "policy " + quoted(denial.policy) + " denied request: " + denial.message;
  return "policy '" + denial.policy + "' with binding '" + denial.binding + "' denied request: " + denial.message;
}

}  // namespace

kube::Status denied_by_validating_policy(const Attributes& attributes, const PolicyDenial& denial) {
  std::string text = "ValidatingAdmissionPolicy '" + denial.policy + "'";
  if (!denial.binding.empty()) text += " with binding '" + denial.binding + "'";
  text += " denied request: " + denial.message;
  kube::Status status = forbidden(attributes, text);
  status.reason = denial.reason.empty() ? "Invalid" : denial.reason;
  status.code = code_of(status.reason);
  status.causes.push_back({"", text, ""});
  return status;
}

kube::Status denied_by_mutating_policies(const Attributes& attributes, const std::vector<PolicyDenial>& denials) {
  kube::Status status = forbidden(attributes, "admission request denied by policy");
  status.message = mutation_text(denials.front());
  if (!denials.front().reason.empty()) status.reason = denials.front().reason;
  for (const PolicyDenial& denial : denials) status.causes.push_back({"", mutation_text(denial), ""});
  return status;
}

void annotate(Trail& trail, std::string key, std::string value) {
  auto same = [&](const auto& known) { return known.first == key; };
  if (std::any_of(trail.annotations.begin(), trail.annotations.end(), same)) return;
  trail.annotations.emplace_back(std::move(key), std::move(value));
}

}  // namespace gatepost::admission
