#include <algorithm>
#include <array>
#include <set>

#include "formats/names.h"
#include "kube/crd/definition.h"
#include "kube/crd/internal_text.h"
#include "kube/crd/validate_schema.h"
#include "kube/validation/kinds.h"
#include "kube/validation/webhook_rules.h"
#include "net/url.h"

// Definitions of custom resources (apiextensions-apiserver's apis/apiextensions/validation). The paths of the real
// texts are those of its internal version, where what all versions share stands beside them: the rules look at a copy
// of the spec in that shape.
namespace gatepost::kube {
namespace {

constexpr std::array<std::string_view, 4> shared_fields{"subresources", "schema", "additionalPrinterColumns",
                                                        "selectableFields"};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

// ---- the internal shape

void rename_paths(json::Object& in) {
  json::Value* columns = in.if_contains("additionalPrinterColumns");
  if (!columns || !columns->is_array()) return;
  for (json::Value& column : columns->get_array()) {
    if (!column.is_object()) continue;
    json::Object& fields = column.get_object();
    if (const json::Value* path = fields.if_contains("jsonPath")) {
      const json::Value text = *path;
      fields["JSONPath"] = text;
    }
  }
}

void lift_shared(json::Object& spec) {
  json::Value* list = spec.if_contains("versions");
  if (!list || !list->is_array() || list->get_array().empty()) return;
  json::Array& versions = list->get_array();
  json::Object shared;  // put into the spec at the end: insertions move what it holds
  for (std::string_view field : shared_fields) {
    const json::Value* found = json::find(versions[0], field);
    const json::Value first = found ? *found : json::Value();
    bool same = std::all_of(versions.begin(), versions.end(),
                            [&](const json::Value& version) { return equal(json::find(version, field), &first); });
    if (!same) continue;
    for (json::Value& version : versions)
      if (version.is_object()) version.get_object().erase(field);
    if (!first.is_null()) shared[field == "schema" ? "validation" : field] = first;
  }
  for (json::Value& version : versions)
    if (version.is_object()) rename_paths(version.get_object());
  for (const auto& member : shared) spec[member.key()] = member.value();
}

json::Value internal_shape(const Field& object) {
  json::Object out;
  const json::Value* spec = json::find(*object.value(), "spec");
  out["spec"] = spec && spec->is_object() ? *spec : json::Value(json::Object());
  json::Object& fields = out["spec"].get_object();
  lift_shared(fields);
  rename_paths(fields);
  if (json::Value* conversion = fields.if_contains("conversion"); conversion && conversion->is_object()) {
    json::Object& inside = conversion->get_object();
    if (const json::Value* webhook = inside.if_contains("webhook"); webhook && webhook->is_object()) {
      const json::Object from = webhook->get_object();
      if (const json::Value* config = from.if_contains("clientConfig")) inside["webhookClientConfig"] = *config;
      if (const json::Value* versions = from.if_contains("conversionReviewVersions"))
        inside["conversionReviewVersions"] = *versions;
    }
  }
  return json::Value(std::move(out));
}

// ---- names

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

void validate_names(Errors& errors, const Field& names) {
  Field kind = names["kind"], list_kind = names["listKind"], short_names = names["shortNames"],
        categories = names["categories"];
  label(errors, names["plural"]);
  label(errors, names["singular"]);
  kind_label(errors, kind);
  kind_label(errors, list_kind);
  for_each(short_names, [&](const Field& name) { label(errors, name); });
  if (!kind.text().empty() && list_kind.is(kind.text()))
    errors.invalid(list_kind, "kind and listKind may not be the same");
  for_each(categories, [&](const Field& category) { label(errors, category); });
}

void validate_group(Errors& errors, const Field& group) {
  if (group.text().empty())
    errors.required(group);
  else if (auto complaints = formats::dns1123_subdomain(group.text()); !complaints.empty())
    errors.invalid(group, formats::joined(complaints, ","));
  else if (group.text().find('.') == std::string_view::npos)
    errors.invalid(group, "should be a domain with at least one dot");
}

// ---- what a version, or all of them, say

void simple_path(Errors& errors, const Field& field) {
  if (!field.text().starts_with('.')) errors.invalid(field, "must be a simple json path starting with .");
}

void validate_subresources(Errors& errors, const Field& subresources) {
  Field scale = subresources["scale"];
  if (!scale.present()) return;
  auto replicas = [&](const char* name, std::string_view under) {
    Field path = scale[name];
    if (path.text().empty())
      errors.required(path);
    else if (!path.text().starts_with('.'))
      simple_path(errors, path);
    else if (!path.text().starts_with(std::string(under) + "."))
      errors.invalid(path, "should be a json path under " + std::string(under));
  };
  replicas("specReplicasPath", ".spec");
  replicas("statusReplicasPath", ".status");
  Field selector = scale["labelSelectorPath"];
  if (selector.text().empty()) return;
  if (!selector.text().starts_with('.'))
    simple_path(errors, selector);
  else if (!selector.text().starts_with(".spec.") && !selector.text().starts_with(".status."))
    errors.invalid(selector, "should be a json path under either .spec or .status");
}

void validate_column(Errors& errors, const Field& column) {
  static const std::set<std::string_view> types{"boolean", "date", "integer", "number", "string"};
  static const std::set<std::string_view> column_formats{"byte",  "date",  "date-time", "double",
                                                         "float", "int32", "int64",     "password"};
  constexpr const char* one_type = "must be one of boolean,date,integer,number,string";
  Field type = column["type"], format = column["format"], path = column["JSONPath"];
  if (column["name"].text().empty()) errors.required(column["name"]);
  if (type.text().empty())
    errors.required(type, one_type);
  else if (!types.contains(type.text()))
    errors.invalid(type, one_type);
  if (!format.text().empty() && !column_formats.contains(format.text()))
    errors.invalid(format, "must be one of byte,date,date-time,double,float,int32,int64,password");
  if (path.text().empty())
    errors.required(path);
  else
    simple_path(errors, path);
}

void validate_selectable(Errors& errors, const Field& fields, const Field& schema) {
  if (fields.empty()) return;
  auto read = schema.present() ? crd::read_schema(*schema.value()) : Result<crd::Schema>(fail(""));
  if (!read) return;
  constexpr std::size_t most = 8;
  std::set<std::string> seen;
  for_each(fields, [&](const Field& field) {
    Field path = field["jsonPath"];
    if (path.text().empty()) return errors.required(path);
    auto found = crd::find_field_path(path.text(), *read, crd::Brackets::forbidden);
    if (!found) return errors.invalid(path, "is an invalid path: " + found.error().text);
    if (found->text == "metadata" || found->text.starts_with("metadata."))
      errors.invalid(path, "must not point to fields in metadata");
    const std::string& type = found->schema->type;
    if (type != "string" && type != "boolean" && type != "integer")
      errors.invalid(path,
                     "must point to a field of type string, boolean or integer. Enum string fields and strings with "
                     "formats are allowed.");
    if (!seen.insert(found->text).second) errors.duplicate(path);
  });
  if (seen.size() > most) errors.too_many(fields, seen.size(), most);
}

void validate_deprecation(Errors& errors, const Field& version) {
  Field warning = version["deprecationWarning"];
  if (!warning.present()) return;
  std::string_view text = warning.text();
  if (!version["deprecated"].truth()) return errors.invalid(warning, "can only be set for deprecated versions");
  if (text.size() > 256) errors.invalid(warning, "must be <= 256 characters long");
  if (text.empty()) errors.invalid(warning, "must not be an empty string");
  for (std::size_t i = 0; i < text.size(); ++i)
    if (static_cast<unsigned char>(text[i]) < 32 || text[i] == 127) {
      errors.invalid(warning, "must only contain printable UTF-8 characters; non-printable character found at index " +
                                  std::to_string(i));
      return;
    }
}

bool has_status(const Field& holder) {
  Field subresources = holder["subresources"];
  return subresources["status"].present();
}

struct Before {
  const Field* spec = nullptr;  // internal shape of the stored definition; null: a new one
};

const json::Value* schema_of_version(const Field& spec, std::string_view name) {
  if (const json::Value* shared = json::find_path(*spec.value(), {"validation", "openAPIV3Schema"})) return shared;
  const json::Array* versions = json::array_at(*spec.value(), {"versions"});
  for (std::size_t i = 0; versions && i < versions->size(); ++i)
    if (json::string_at((*versions)[i], {"name"}) == name)
      return json::find_path((*versions)[i], {"schema", "openAPIV3Schema"});
  return nullptr;
}

void validate_schema_at(Errors& errors, const Field& schema, bool status, const json::Value* before) {
  Field props = schema["openAPIV3Schema"];
  if (!props.present()) return;
  crd::SchemaChecks checks;
  checks.status_enabled = status;
  checks.unchanged = before && *before == *props.value();
  for (FieldError& error : crd::validate_schema(*props.value(), props.path(), checks)) errors.put(std::move(error));
}

void validate_version(Errors& errors, const Field& version, const Field& spec, const Before& before) {
  Field name = version["name"], schema = version["schema"], columns = version["additionalPrinterColumns"];
  if (auto complaints = formats::dns1035_label(name.text()); !complaints.empty())
    errors.invalid_text(name, name.text(), formats::joined(complaints, ","));
  validate_deprecation(errors, version);
  bool status = spec["subresources"].present() ? has_status(spec) : has_status(version);
  validate_schema_at(errors, schema, status, before.spec ? schema_of_version(*before.spec, name.text()) : nullptr);
  validate_subresources(errors, version["subresources"]);
  for_each(columns, [&](const Field& column) { validate_column(errors, column); });
  Field selectable = version["selectableFields"];
  if (selectable.empty()) return;
  if (!schema.present() || !schema["openAPIV3Schema"].present())
    errors.invalid_text(selectable, "", "may only be set when `version.schema.openAPIV3Schema` is not included");
  else
    validate_selectable(errors, selectable, schema["openAPIV3Schema"]);
}

// ---- the spec

void validate_versions(Errors& errors, const Field& spec, const Before& before) {
  Field versions = spec["versions"];
  std::set<std::string_view> names;
  std::size_t stored = 0;
  for_each(versions, [&](const Field& version) {
    stored += version["storage"].truth();
    names.insert(version["name"].text());
    validate_version(errors, version, spec, before);
  });
  auto complain = [&](const char* detail) {
    const json::Value* value = versions.value();
    errors.invalid_shown(versions, value ? crd::internal_versions(*value) : "null", detail);
  };
  if (names.size() != versions.size()) complain("must contain unique version names");
  if (stored != 1) complain("must have exactly one version marked as storage version");
  // The first version's name is the definition's own version, too.
  Field first = versions.item(0);
  std::string_view name = first["name"].text();
  if (auto complaints = formats::dns1035_label(name); !name.empty() && !complaints.empty())
    errors.invalid_text(spec["version"], name, formats::joined(complaints, ","));
}

void validate_review_versions(Errors& errors, const Field& versions) {
  if (versions.empty()) return errors.required(versions);
  std::set<std::string_view> seen;
  for_each(versions, [&](const Field& version) {
    if (!seen.insert(version.text()).second) return errors.invalid(version, "duplicate version");
    errors.invalid_each(version, version.text(), formats::dns1035_label(version.text()));
  });
  if (!seen.contains("v1") && !seen.contains("v1beta1"))
    errors.invalid(versions, "must include at least one of v1, v1beta1");
}

void validate_conversion(Errors& errors, const Field& conversion) {
  if (!conversion.present()) return;
  Field strategy = conversion["strategy"], config = conversion["webhookClientConfig"],
        versions = conversion["conversionReviewVersions"];
  errors.choice(strategy, {"None", "Webhook"});
  if (!strategy.is("Webhook")) {
    if (config.present()) errors.forbidden(config, "should not be set when strategy is not set to Webhook");
    if (!versions.empty()) errors.forbidden(versions, "should not be set when strategy is not set to Webhook");
    return;
  }
  if (!config.present()) {
    errors.required(config, "required when strategy is set to Webhook");
  } else {
    Field url = config["url"], service = config["service"];
    if (url.present() == service.present())
      errors.required(config, "exactly one of url or service is required");
    else if (url.present())
      validate_webhook_url(errors, url);
    else
      validate_webhook_service(errors, service);
  }
  validate_review_versions(errors, versions);
}

void validate_schemas_given(Errors& errors, const Field& spec) {
  Field shared = spec["validation"];
  if (shared["openAPIV3Schema"].present()) return;
  Field versions = spec["versions"];
  for_each(versions, [&](const Field& version) {
    Field schema = version["schema"];
    if (!schema["openAPIV3Schema"].present()) errors.required(schema["openAPIV3Schema"]);
  });
}

void validate_spec(Errors& errors, const Field& spec, const Before& before) {
  Field names = spec["names"], validation = spec["validation"], columns = spec["additionalPrinterColumns"],
        selectable = spec["selectableFields"], versions = spec["versions"];
  validate_group(errors, spec["group"]);
  errors.choice(spec["scope"], {"Cluster", "Namespaced"});
  validate_schemas_given(errors, spec);
  validate_versions(errors, spec, before);
  for (std::string_view required : {"plural", "singular", "kind", "listKind"})
    if (names[required].text().empty()) errors.required(names[required]);
  validate_names(errors, names);
  bool status = has_status(spec);
  for_each(versions, [&](const Field& version) { status |= has_status(version); });
  const json::Value* old_schema =
      before.spec ? json::find_path(*before.spec->value(), {"validation", "openAPIV3Schema"}) : nullptr;
  validate_schema_at(errors, validation, status, old_schema);
  validate_subresources(errors, spec["subresources"]);
  for_each(columns, [&](const Field& column) { validate_column(errors, column); });
  if (!selectable.empty()) {
    if (!validation.present())
      errors.invalid_text(selectable, "", "may only be set when validations.schema is included");
    else
      validate_selectable(errors, selectable, validation["openAPIV3Schema"]);
  }
  validate_conversion(errors, spec["conversion"]);
}

// ---- the whole

constexpr std::string_view approval = "api-approved.kubernetes.io";

// Empty: approved, or no approval is needed.
std::string approval_of(const Field& object) {
  Field metadata = object["metadata"], annotations = metadata["annotations"];
  std::string_view given = annotations.key(approval).text();
  auto url = net::url::parse(given);
  if (given.empty()) return "missing";
  if (given.starts_with("unapproved")) return "bypassed";
  return url && !url->host.empty() && !url->scheme.empty() ? "approved" : "invalid";
}

bool is_protected(std::string_view group) {
  return group == "k8s.io" || group.ends_with(".k8s.io") || group == "kubernetes.io" ||
         group.ends_with(".kubernetes.io");
}

void validate_approval(Errors& errors, const Field& object, const Field* old_object) {
  Field spec = object["spec"];
  if (!is_protected(spec["group"].text())) return;
  std::string state = approval_of(object);
  if (old_object && approval_of(*old_object) == state) return;
  Field metadata = object["metadata"], annotations = metadata["annotations"], field = annotations.key(approval);
  constexpr const char* see = "see https://github.com/kubernetes/enhancements/pull/1111";
  std::string needed = "protected groups must have approval annotation \"" + std::string(approval) + "\"";
  if (state == "missing") errors.required(field, needed + ", " + see);
  if (state == "invalid")
    errors.invalid(field, needed + " with either a URL or a reason starting with \"unapproved\", " + see);
}

void validate_preserved(Errors& errors, const Field& object, const Field* old_object) {
  Field spec = object["spec"], preserve = spec["preserveUnknownFields"];
  if (old_object) {
    Field old_spec = (*old_object)["spec"];
    if (old_spec["preserveUnknownFields"].truth()) return;
  }
  if (preserve.truth())
    errors.invalid(preserve,
                   "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema "
                   "instead");
}

void validate_stored_versions(Errors& errors, const Field& object) {
  Field status = object["status"], stored = status["storedVersions"], spec = object["spec"],
        versions = spec["versions"];
  if (stored.empty()) return errors.invalid_shown(stored, "null", "must have at least one stored version");
  std::set<std::string_view> listed, known;
  for_each(stored, [&](const Field& version) { listed.insert(version.text()); });
  for_each(versions, [&](const Field& version) {
    known.insert(version["name"].text());
    if (version["storage"].truth() && !listed.contains(version["name"].text()))
      errors.invalid(stored, "must have the storage version " + std::string(version["name"].text()));
  });
  for_each(stored, [&](const Field& version) {
    std::string name(version.text());
    if (!known.contains(version.text()))
      errors.invalid(version, "missing from spec.versions; " + name +
                                  " was previously a storage version, and must remain in spec.versions until a storage "
                                  "migration ensures no data remains persisted in " +
                                  name + " and removes " + name + " from status.storedVersions");
  });
}

void validate_status_names(Errors& errors, const Field& object) {
  Field status = object["status"];
  validate_names(errors, status["acceptedNames"]);
}

void create_definition(Errors& errors, const Field& object) {
  Field metadata = object["metadata"], spec = object["spec"];
  Field name = metadata["name"], names = spec["names"];
  std::string wanted = std::string(names["plural"].text()) + "." + std::string(spec["group"].text());
  if (!name.text().empty() && name.text() != wanted) errors.invalid(name, "must be spec.names.plural+\".\"+spec.group");
  const json::Value shape = internal_shape(object);
  Field root(&shape);
  Field inner = root["spec"];
  validate_spec(errors, inner, {});
  validate_status_names(errors, object);
  validate_stored_versions(errors, object);
  validate_approval(errors, object, nullptr);
  validate_preserved(errors, object, nullptr);
}

void update_definition(Errors& errors, const Field& object, const Field& old_object) {
  const json::Value shape = internal_shape(object), old_shape = internal_shape(old_object);
  Field root(&shape), old_root(&old_shape);
  Field spec = root["spec"], old_spec = old_root["spec"];
  validate_spec(errors, spec, {&old_spec});
  Field names = spec["names"], old_names = old_spec["names"];
  if (crd::has_condition(*old_object.value(), "Established")) {
    immutable_unless_equal(errors, spec["scope"], old_spec["scope"]);
    immutable_unless_equal(errors, names["kind"], old_names["kind"]);
  }
  immutable_unless_equal(errors, spec["group"], old_spec["group"]);
  immutable_unless_equal(errors, names["plural"], old_names["plural"]);
  validate_status_names(errors, object);
  validate_stored_versions(errors, object);
  validate_approval(errors, object, &old_object);
  validate_preserved(errors, object, &old_object);
}

}  // namespace

std::span<const KindRules> custom_resource_rules() {
  static constexpr std::array rows = {
      KindRules{"apiextensions.k8s.io", "CustomResourceDefinition", create_definition, update_definition},
  };
  return rows;
}

}  // namespace gatepost::kube
