#include "kube/crd/object.h"

#include <algorithm>
#include <set>

#include "json/parse.h"
#include "json/write.h"
#include "kube/crd/definition.h"
#include "kube/crd/embedded.h"
#include "kube/crd/prune.h"
#include "kube/crd/validate_value.h"
#include "kube/patch/go_print.h"
#include "kube/validation/metadata.h"
#include "net/go_text.h"

namespace gatepost::kube::crd {
namespace {

using FieldErrors = std::vector<FieldError>;

void append(FieldErrors& errors, FieldErrors more) {
  for (FieldError& error : more) errors.push_back(std::move(error));
}

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : ", ") + part;
  return out;
}

// The keys that came twice in the text.
std::vector<std::string> duplicates_of(const DecodeSource& source) {
  if (!source.duplicates || source.text.empty()) return {};
  auto read = json::parse_strict(source.text, json::make_arena());
  return read ? std::move(read->duplicates) : std::vector<std::string>();
}

json::Object& metadata_of(json::Value& object) {
  json::Value& metadata = object.get_object()["metadata"];
  if (!metadata.is_object()) metadata.emplace_object();
  return metadata.get_object();
}

void take_over(json::Object& object, const json::Object& old_object, std::string_view key) {
  if (const json::Value* value = old_object.if_contains(key))
    object[key] = *value;
  else
    object.erase(key);
}

bool same_but_metadata(const json::Object& a, const json::Object& b) {
  auto covered = [](const json::Object& by, const json::Object& object) {
    return std::all_of(object.begin(), object.end(), [&](const auto& member) {
      if (member.key() == "metadata") return true;
      const json::Value* other = by.if_contains(member.key());
      return other && *other == member.value();
    });
  };
  return covered(a, b) && covered(b, a);
}

// ---- the scale paths

std::string go_plain(const json::Value& value) {
  if (value.is_string()) return std::string(json::view(value.get_string()));
  return value.is_null() ? "<nil>" : shown_value(value);
}

std::string dotted(const std::vector<std::string>& path) {
  std::string out;
  for (const std::string& name : path) out += "." + name;
  return out;
}

// The value at a path, or why there cannot be one.
Result<const json::Value*> nested(const json::Value& object, const std::vector<std::string>& path) {
  const json::Value* at = &object;
  std::string walked;
  for (const std::string& name : path) {
    if (!at->is_object())
      return fail(walked + " accessor error: " + go_plain(*at) + " is of the type " + go_type_printed(*at) +
                  ", expected map[string]interface{}");
    walked += "." + name;
    at = at->get_object().if_contains(name);
    if (!at) return nullptr;
  }
  return at;
}

void validate_replicas(FieldErrors& errors, const json::Value& object, const std::vector<std::string>& path) {
  std::string field = dotted(path);
  auto invalid = [&](std::int64_t value, const std::string& detail) {
    errors.push_back({"FieldValueInvalid", field, "Invalid value: " + std::to_string(value) + ": " + detail});
  };
  auto found = nested(object, path);
  if (!found) return invalid(0, found.error().text);
  if (!*found) return;
  const json::Value& value = **found;
  if (!value.is_int64())
    return invalid(0, field + " accessor error: " + go_plain(value) + " is of the type " + go_type_printed(value) +
                          ", expected int64");
  if (value.get_int64() < 0) invalid(value.get_int64(), "should be a non-negative integer");
  if (value.get_int64() > 2147483647) invalid(value.get_int64(), "should be less than or equal to 2147483647");
}

void validate_scale_status(FieldErrors& errors, const json::Value& object, const Scale& scale) {
  validate_replicas(errors, object, scale.status_replicas);
  if (scale.label_selector.empty()) return;
  auto found = nested(object, scale.label_selector);
  std::string field = dotted(scale.label_selector), problem;
  if (!found)
    problem = found.error().text;
  else if (*found && !(*found)->is_string())
    problem = field + " accessor error: " + go_plain(**found) + " is of the type " + go_type_printed(**found) +
              ", expected string";
  if (!problem.empty()) errors.push_back({"FieldValueInvalid", field, "Invalid value: \"\": " + problem});
}

// ---- what is asked of every object

FieldErrors validate_type(const json::Value& object, const ResourceInfo& resource) {
  FieldErrors errors;
  auto must_be = [&](const char* field, const std::string& wanted) {
    std::string_view given = json::string_at(object, {field});
    if (given != wanted)
      errors.push_back({"FieldValueInvalid", field, "Invalid value: " + net::go_quote(given) + ": must be " + wanted});
  };
  must_be("kind", resource.kind);
  must_be("apiVersion", api_version(resource.group, resource.version));
  return errors;
}

// Rules are not asked about objects whose shape is wrong.
bool blocks_rules(const FieldErrors& errors) {
  static const std::set<std::string, std::less<>> reasons{"FieldValueNotSupported", "FieldValueRequired",
                                                          "FieldValueTooLong", "FieldValueTooMany",
                                                          "FieldValueTypeInvalid"};
  return std::any_of(errors.begin(), errors.end(), [](const FieldError& e) { return reasons.contains(e.reason); });
}

void validate_rules(FieldErrors& errors, const json::Value& object, const json::Value* old_object,
                    const Version& version, std::vector<std::string>* warnings) {
  if (!version.rules) return;
  if (blocks_rules(errors)) {
    errors.push_back({"FieldValueInvalid", "<nil>",
                      "Invalid value: null: some validation rules were not checked because the object was invalid; "
                      "correct the existing errors to complete validation"});
    return;
  }
  append(errors, version.rules->validate(object, old_object, "", warnings));
}

FieldErrors metadata_errors(const json::Value& object, const ResourceInfo& resource) {
  Errors errors;
  Field root(&object);
  validate_metadata(errors, root["metadata"], resource.namespaced, formats::dns1123_subdomain, Finalizers::any);
  return errors.take();
}

FieldErrors metadata_update_errors(const json::Value& object, const json::Value& old_object) {
  Errors errors;
  Field root(&object), old_root(&old_object);
  validate_metadata_update(errors, root["metadata"], old_root["metadata"], Finalizers::any);
  return errors.take();
}

void validate_lists_update(FieldErrors& errors, const json::Value& object, const json::Value& old_object,
                           const Schema& schema) {
  FieldErrors now = validate_list_types(object, schema);
  if (!now.empty() && validate_list_types(old_object, schema).empty()) append(errors, std::move(now));
}

void validate_status(FieldErrors& errors, const json::Value& object, const json::Value& old_object,
                     const Schema& schema) {
  auto status_schema = schema.properties.find("status");
  const json::Value* status = json::find(object, "status");
  if (!status || status_schema == schema.properties.end()) return;
  append(errors,
         to_field_errors(validate_value(*status, status_schema->second, json::find(old_object, "status")), "status"));
}

}  // namespace

Result<DecodeResult> decode(json::Value& object, const ResourceInfo& resource, FieldValidation validation,
                            const DecodeSource& source) {
  DecodeResult result;
  const Definition& definition = *resource.definition;
  const Schema& schema = *resource.version_of_definition->schema;
  bool asks = validation != FieldValidation::ignore;
  std::vector<std::string> unknown, pruned, embedded;
  if (auto decoded = decode_metadata(object, "", asks ? &unknown : nullptr); !decoded)
    return fail_with(std::move(decoded.error()));
  bool own_kind = json::string_at(object, {"kind"}) == resource.kind;
  if (own_kind && !definition.preserve_unknown_fields) {
    prune(object, schema, Root::yes, asks ? &pruned : nullptr);
    prune_nulls(object, &schema);
  }
  if (own_kind)
    if (auto decoded = decode_embedded(object, schema, asks ? &embedded : nullptr); !decoded)
      return fail_with(std::move(decoded.error()));
  std::sort(embedded.begin(), embedded.end());
  if (asks) {
    result.warnings = source.complaints;
    for (const std::string& path : duplicates_of(source)) result.warnings.push_back("duplicate field \"" + path + "\"");
    for (const auto* paths : {&unknown, &pruned, &embedded})
      for (const std::string& path : *paths) result.warnings.push_back("unknown field \"" + path + "\"");
    if (validation == FieldValidation::strict && !result.warnings.empty())
      return fail("strict decoding error: " + joined(result.warnings));
  }
  if (own_kind) set_defaults(object, schema);
  return result;
}

void settle(json::Value& object, const Definition& definition, const Version& version) {
  if (!object.is_object()) return;
  (void)decode_metadata(object, "", nullptr);
  if (!definition.preserve_unknown_fields) {
    prune(object, *version.schema, Root::yes, nullptr);
    prune_nulls(object, version.schema.get());
  }
  (void)decode_embedded(object, *version.schema, nullptr);
  set_defaults(object, *version.schema);
}

void prune_for_storage(json::Value& object, const ResourceInfo& resource) {
  if (resource.definition->preserve_unknown_fields || !object.is_object()) return;
  prune(object, *resource.version_of_definition->schema, Root::yes, nullptr);
  prune_nulls(object, resource.version_of_definition->schema.get());
}

void prepare_for_create(json::Value& object, const ResourceInfo& resource) {
  if (!object.is_object()) return;
  set_defaults(object, *resource.version_of_definition->schema);
  if (resource.version_of_definition->has_status) object.get_object().erase("status");
  metadata_of(object)["generation"] = 1;
}

void prepare_for_update(json::Value& object, const json::Value& old_object, const ResourceInfo& resource,
                        std::string_view subresource) {
  if (!object.is_object() || !old_object.is_object()) return;
  set_defaults(object, *resource.version_of_definition->schema);
  json::Object& fields = object.get_object();
  const json::Object& old_fields = old_object.get_object();
  const json::Value* old_metadata = old_fields.if_contains("metadata");
  if (subresource == "status") {
    json::Object kept(old_fields, fields.storage());
    if (const json::Value* managed = json::find_path(object, {"metadata", "managedFields"})) {
      if (json::Value* metadata = kept.if_contains("metadata"); metadata && metadata->is_object())
        metadata->get_object()["managedFields"] = *managed;
    }
    take_over(kept, fields, "status");
    fields = std::move(kept);
    return;
  }
  if (old_metadata && old_metadata->is_object())
    take_over(metadata_of(object), old_metadata->get_object(), "generation");
  if (resource.version_of_definition->has_status) take_over(fields, old_fields, "status");
  if (same_but_metadata(fields, old_fields)) return;
  metadata_of(object)["generation"] = json::int_at(old_object, {"metadata", "generation"}) + 1;
}

std::vector<FieldError> validate_create(const json::Value& object, const ResourceInfo& resource) {
  const Version& version = *resource.version_of_definition;
  FieldErrors errors = validate_type(object, resource);
  if (errors.empty()) {
    append(errors, metadata_errors(object, resource));
    append(errors, to_field_errors(validate_value(object, *version.schema), ""));
    if (version.scale) {
      validate_replicas(errors, object, version.scale->spec_replicas);
      validate_scale_status(errors, object, *version.scale);
    }
  }
  append(errors, validate_embedded(object, *version.schema));
  append(errors, validate_list_types(object, *version.schema));
  validate_rules(errors, object, nullptr, version, nullptr);
  return errors;
}

std::vector<FieldError> validate_update(const json::Value& object, const json::Value& old_object,
                                        const ResourceInfo& resource, std::string_view subresource,
                                        std::vector<std::string>* warnings) {
  const Version& version = *resource.version_of_definition;
  bool of_status = subresource == "status";
  FieldErrors errors;
  // What the API server asks of every change comes before the kind's own rules.
  {
    Errors common;
    Field root(&object), old_root(&old_object);
    validate_metadata(common, root["metadata"], resource.namespaced, formats::path_segment, Finalizers::any);
    errors = common.take();
    append(errors, metadata_update_errors(object, old_object));
  }
  FieldErrors own = validate_type(object, resource);
  if (own.empty()) {
    append(own, metadata_update_errors(object, old_object));
    if (of_status)
      validate_status(own, object, old_object, *version.schema);
    else
      append(own, to_field_errors(validate_value(object, *version.schema, &old_object), ""));
    if (version.scale) {
      if (!of_status) validate_replicas(own, object, version.scale->spec_replicas);
      validate_scale_status(own, object, *version.scale);
    }
  }
  if (!of_status) append(own, validate_embedded(object, *version.schema));
  validate_lists_update(own, object, old_object, *version.schema);
  std::vector<std::string> unheard;
  validate_rules(own, object, &old_object, version, warnings ? warnings : &unheard);
  append(errors, std::move(own));
  return errors;
}

std::vector<std::string> warnings_for(const json::Value& object, const json::Value* old_object) {
  std::vector<std::string> out;
  const json::Array* finalizers = json::array_at(object, {"metadata", "finalizers"});
  if (!finalizers) return out;
  std::set<std::string> added;
  for (const json::Value& finalizer : *finalizers)
    if (finalizer.is_string()) added.emplace(json::view(finalizer.get_string()));
  if (old_object)
    if (const json::Array* before = json::array_at(*old_object, {"metadata", "finalizers"}))
      for (const json::Value& finalizer : *before)
        if (finalizer.is_string()) added.erase(std::string(json::view(finalizer.get_string())));
  for (const std::string& finalizer : added) {
    std::string prefix = "metadata.finalizers: " + net::go_quote(finalizer) + ": ";
    for (const std::string& complaint : formats::label_key(finalizer)) out.push_back(prefix + complaint);
    if (finalizer.find('/') != std::string::npos || finalizer == "orphan" || finalizer == "foregroundDeletion" ||
        finalizer == "kubernetes")
      continue;
    bool domain = finalizer.find('.') != std::string::npos;
    out.push_back(prefix + "prefer a domain-qualified finalizer name " + (domain ? "including a path (/) " : "") +
                  "to avoid accidental conflicts with other finalizer writers");
  }
  return out;
}

}  // namespace gatepost::kube::crd
