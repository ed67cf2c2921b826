#include "kube/validation/reviews.h"

#include <array>

#include "formats/names.h"
#include "kube/validation/field.h"
#include "kube/validation/structure.h"

namespace gatepost::kube {
namespace {

constexpr std::array path_members = {Member{"Path", "path", "\"\""}, Member{"Verb", "verb", "\"\""}};

enum class SelectorOf { fields, labels };

void validate_requirement(Errors& errors, const Field& requirement, SelectorOf what) {
  Field key = requirement["key"], op = requirement["operator"], values = requirement["values"];
  if (what == SelectorOf::fields && key.text().empty()) errors.required(key, "must be specified");
  if (op.is_one_of({"In", "NotIn"}) && values.empty())
    errors.required(values, "must be specified when `operator` is 'In' or 'NotIn'");
  if (op.is_one_of({"Exists", "DoesNotExist"}) && !values.empty())
    errors.forbidden(values, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
  if (what == SelectorOf::fields) return;
  errors.invalid_each(key, key.text(), formats::label_key(key.text()));
  for_each(values,
           [&](const Field& value) { errors.invalid_each(value, value.text(), formats::label_value(value.text())); });
}

void validate_selector(Errors& errors, const Field& selector, SelectorOf what) {
  if (!selector.present()) return;
  Field raw = selector["rawSelector"], requirements = selector["requirements"];
  if (!raw.text().empty() && !requirements.empty())
    errors.invalid(raw, "may not specified at the same time as requirements");
  if (raw.text().empty() && requirements.empty())
    errors.required(requirements, "when " + selector.path() + " is specified, requirements or rawSelector is required");
  for_each(requirements, [&](const Field& requirement) { validate_requirement(errors, requirement, what); });
}

// Nothing but what the server itself has put there, and the namespace where there is one.
void metadata_is_empty(Errors& errors, const Field& metadata, bool local) {
  if (!metadata.object()) return;
  for (const auto& member : *metadata.object()) {
    if (member.key() == "managedFields" || member.value().is_null() || (local && member.key() == "namespace")) continue;
    errors.invalid(metadata, local ? "must be empty except for namespace" : "must be empty");
    return;
  }
}

}  // namespace

std::vector<FieldError> validate_access_review(const json::Value& review, std::string_view kind) {
  Errors errors;
  Field root(&review);
  Field spec = root["spec"], metadata = root["metadata"];
  Field resource = spec["resourceAttributes"], path = spec["nonResourceAttributes"], user = spec["user"];
  bool local = kind == "LocalSubjectAccessReview";
  if (resource.present() && path.present())
    errors.invalid_shown(path, shown_structure(path, path_members),
                         "cannot be specified in combination with resourceAttributes");
  if (!resource.present() && !path.present())
    errors.invalid_shown(resource, "null",
                         "exactly one of nonResourceAttributes or resourceAttributes must be specified");
  if (kind != "SelfSubjectAccessReview" && user.text().empty() && spec["groups"].empty())
    errors.invalid_text(user, "", "at least one of user or group must be specified");
  validate_selector(errors, resource["fieldSelector"], SelectorOf::fields);
  validate_selector(errors, resource["labelSelector"], SelectorOf::labels);
  metadata_is_empty(errors, metadata, local);
  if (!local) return errors.take();
  Field space = resource["namespace"];
  if (resource.present() && space.text() != metadata["namespace"].text())
    errors.invalid_text(space, space.text(), "must match metadata.namespace");
  if (path.present())
    errors.invalid_shown(path, shown_structure(path, path_members), "disallowed on this kind of request");
  return errors.take();
}

}  // namespace gatepost::kube
