#include <algorithm>
#include <array>

#include "formats/names.h"
#include "kube/validation/kinds.h"

// Definitions of custom resources: names, versions and scope (apiextensions-apiserver's validation). Their schemas are
// judged by whoever serves them.
namespace gatepost::kube {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

void label(Errors& errors, const Field& field) {
  if (field.text().empty()) return;
  if (auto complaints = formats::dns1035_label(field.text()); !complaints.empty())
    errors.invalid(field, formats::joined(complaints, ","));
}

void kind_label(Errors& errors, const Field& field) {
  if (field.text().empty()) return;
  if (auto complaints = formats::dns1035_label(lower(field.text())); !complaints.empty())
    errors.invalid(field, "may have mixed case, but should otherwise match: " + formats::joined(complaints, ","));
}

void validate_group(Errors& errors, const Field& group) {
  if (group.text().empty())
    errors.required(group);
  else if (auto complaints = formats::dns1123_subdomain(group.text()); !complaints.empty())
    errors.invalid(group, formats::joined(complaints, ","));
  else if (group.text().find('.') == std::string_view::npos)
    errors.invalid(group, "should be a domain with at least one dot");
}

void validate_versions(Errors& errors, const Field& versions) {
  std::vector<std::string_view> names;
  for_each(versions, [&](const Field& version) {
    Field schema = version["schema"];
    if (!schema["openAPIV3Schema"].present()) errors.required(schema["openAPIV3Schema"]);
  });
  std::size_t stored = 0;
  bool unique = true;
  for_each(versions, [&](const Field& version) {
    Field name = version["name"];
    stored += version["storage"].truth();
    unique &= std::find(names.begin(), names.end(), name.text()) == names.end();
    names.push_back(name.text());
    if (auto complaints = formats::dns1035_label(name.text()); !complaints.empty())
      errors.invalid_text(name, name.text(), formats::joined(complaints, ","));
  });
  if (!unique) errors.invalid(versions, "must contain unique version names");
  if (stored != 1) errors.invalid(versions, "must have exactly one version marked as storage version");
}

void validate_names(Errors& errors, const Field& names) {
  Field kind = names["kind"], list_kind = names["listKind"], short_names = names["shortNames"],
        categories = names["categories"];
  for (std::string_view required : {"plural", "kind"})
    if (names[required].text().empty()) errors.required(names[required]);
  label(errors, names["plural"]);
  label(errors, names["singular"]);
  kind_label(errors, kind);
  kind_label(errors, list_kind);
  for_each(short_names, [&](const Field& name) { label(errors, name); });
  if (!kind.text().empty() && list_kind.is(kind.text()))
    errors.invalid(list_kind, "kind and listKind may not be the same");
  for_each(categories, [&](const Field& category) { label(errors, category); });
}

void create_definition(Errors& errors, const Field& object) {
  Field metadata = object["metadata"], spec = object["spec"];
  Field name = metadata["name"], names = spec["names"];
  std::string wanted = std::string(names["plural"].text()) + "." + std::string(spec["group"].text());
  if (!name.text().empty() && name.text() != wanted) errors.invalid(name, "must be spec.names.plural+\".\"+spec.group");
  validate_group(errors, spec["group"]);
  errors.choice(spec["scope"], {"Cluster", "Namespaced"});
  validate_versions(errors, spec["versions"]);
  validate_names(errors, names);
}

}  // namespace

std::span<const KindRules> custom_resource_rules() {
  static constexpr std::array rows = {
      KindRules{"apiextensions.k8s.io", "CustomResourceDefinition", create_definition, nullptr, true},
  };
  return rows;
}

}  // namespace gatepost::kube
