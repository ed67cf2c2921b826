#include "formats/names.h"
#include "kube/validation/container.h"
#include "kube/validation/pod.h"

namespace gatepost::kube {
namespace {

constexpr Choices environment_fields = {
    "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
    "status.hostIP", "status.hostIPs",     "status.podIP", "status.podIPs"};

void validate_key_reference(Errors& errors, const Field& reference) {
  Field name = reference["name"], key = reference["key"];
  errors.invalid_each(name, name.text(), formats::dns1123_subdomain(name.text()));
  if (key.text().empty())
    errors.required(key);
  else
    errors.invalid_each(key, key.text(), formats::config_map_key(key.text()));
}

// A variable's value in a file of a volume.
void validate_file_key(Errors& errors, const Field& reference) {
  Field key = reference["key"], volume = reference["volumeName"], path = reference["path"];
  if (key.text().empty())
    errors.required(key);
  else
    errors.invalid_each(key, key.text(), formats::environment_variable(key.text()));
  if (volume.text().empty())
    errors.required(volume);
  else
    errors.invalid_each(volume, volume.text(), formats::dns1123_label(volume.text()));
  if (path.text().empty())
    errors.required(path);
  else if (climbs_up(path.text()))
    errors.invalid(path, "must not contain '..'");
}

void validate_value_from(Errors& errors, const Field& variable) {
  Field from = variable["valueFrom"];
  if (!from.present()) return;
  int sources = 0;
  auto source = [&](std::string_view name) {
    bool present = from[name].present();
    sources += present;
    return present;
  };
  if (source("fieldRef")) {
    Field reference = from["fieldRef"];
    validate_object_field(errors, reference, environment_fields);
  }
  if (source("resourceFieldRef")) {
    Field reference = from["resourceFieldRef"];
    validate_resource_field(errors, reference, ResourceFieldOf::container);
  }
  for (std::string_view name : {"configMapKeyRef", "secretKeyRef"})
    if (source(name)) {
      Field reference = from[name];
      validate_key_reference(errors, reference);
    }
  if (source("fileKeyRef")) {
    Field reference = from["fileKeyRef"];
    validate_file_key(errors, reference);
  }
  if (sources == 0)
    errors.invalid_text(from, "",
                        "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or "
                        "`fileKeyRef`");
  else if (!variable["value"].text().empty())
    errors.invalid_text(from, "", "may not be specified when `value` is not empty");
  else if (sources > 1)
    errors.invalid_text(from, "", "may not have more than one field specified at a time");
}

}  // namespace

void validate_environment(Errors& errors, const Field& container) {
  Field variables = container["env"], sources = container["envFrom"];
  for_each(variables, [&](const Field& variable) {
    Field name = variable["name"];
    if (name.text().empty())
      errors.required(name);
    else
      errors.invalid_each(name, name.text(), formats::environment_variable(name.text()));
    validate_value_from(errors, variable);
  });
  for_each(sources, [&](const Field& source) {
    Field prefix = source["prefix"];
    if (!prefix.text().empty())
      errors.invalid_each(prefix, prefix.text(), formats::environment_variable(prefix.text()));
    int count = 0;
    for (std::string_view kind : {"configMapRef", "secretRef"}) {
      Field reference = source[kind];
      if (!reference.present()) continue;
      ++count;
      Field name = reference["name"];
      if (name.text().empty())
        errors.required(name);
      else
        errors.invalid_each(name, name.text(), formats::dns1123_subdomain(name.text()));
    }
    if (count == 0) errors.invalid_text(sources, "", "must specify one of: `configMapRef` or `secretRef`");
    if (count > 1) errors.invalid_text(sources, "", "may not have more than one field specified at a time");
  });
}

}  // namespace gatepost::kube
