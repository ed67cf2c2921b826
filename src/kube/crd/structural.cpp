#include "kube/crd/structural.h"

#include <algorithm>

#include "cel/regex.h"
#include "kube/crd/embedded.h"
#include "kube/crd/prune.h"
#include "kube/crd/rules.h"
#include "kube/crd/validate_value.h"
#include "kube/crd/value_error.h"
#include "net/go_text.h"

namespace gatepost::kube::crd {
namespace {

enum class Level { root, item, field };

std::string property(const std::string& path, const std::string& name) {
  return path + ".properties[" + name + "]";
}

std::string item(const std::string& path, const char* list, std::size_t index) {
  return path + "." + list + "[" + std::to_string(index) + "]";
}

bool is_int_or_string_pattern(const std::vector<Schema>& any_of) {
  auto only_type = [](const Schema& schema, std::string_view type) {
    return schema.type == type && schema.format.empty() && schema.pattern.empty() && schema.enumeration.empty() &&
           schema.properties.empty() && !schema.items && !schema.maximum && !schema.minimum && !schema.max_length &&
           !schema.min_length && schema.all_of.empty() && schema.any_of.empty() && schema.one_of.empty() &&
           !schema.negated && schema.rules.empty() && !schema.default_value && !schema.nullable;
  };
  return any_of.size() == 2 && only_type(any_of[0], "integer") && only_type(any_of[1], "string");
}

class Structural {
 public:
  std::vector<FieldError> errors;

  void invariants(const Schema& schema, Level level, const std::string& path) {
    if (schema.type == "array" && !schema.items) required(path + ".items", "must be specified");
    if (schema.items) invariants(*schema.items, Level::item, path + ".items");
    for (const auto& [name, child] : schema.properties) invariants(child, Level::field, property(path, name));
    if (schema.has_additional) {
      if (level == Level::root) forbidden(path + ".additionalProperties", "must not be used at the root");
      if (schema.additional) invariants(*schema.additional, Level::field, path + ".additionalProperties");
    }
    if (schema.int_or_string && schema.preserve_unknown)
      invalid(path + ".x-kubernetes-preserve-unknown-fields", "true",
              "must be false if x-kubernetes-int-or-string is true");
    if (schema.int_or_string && schema.embedded)
      invalid(path + ".x-kubernetes-embedded-resource", "true", "must be false if x-kubernetes-int-or-string is true");
    bool skip_all_of = !schema.all_of.empty() && is_int_or_string_pattern(schema.all_of[0].any_of);
    values(schema, is_int_or_string_pattern(schema.any_of), skip_all_of, path);
    types(schema, level, path);
    metadata(schema, level, path);
    if (schema.embedded && !schema.preserve_unknown && schema.properties.empty())
      required(path + ".properties",
               "must not be empty if x-kubernetes-embedded-resource is true without "
               "x-kubernetes-preserve-unknown-fields");
  }

  // Every place that value validation speaks of must be there.
  void completeness(const Schema& values, const Schema& schema, const std::string& path, const std::string& from) {
    if (values.negated) nested_completeness(*values.negated, &schema, path, from + ".not");
    auto each = [&](const std::vector<Schema>& list, const char* name) {
      for (std::size_t i = 0; i < list.size(); ++i) nested_completeness(list[i], &schema, path, item(from, name, i));
    };
    each(values.all_of, "allOf");
    each(values.any_of, "anyOf");
    each(values.one_of, "oneOf");
  }

 private:
  void required(const std::string& path, const std::string& detail) {
    errors.push_back({"FieldValueRequired", path, "Required value: " + detail});
  }
  void forbidden(const std::string& path, const std::string& detail) {
    errors.push_back({"FieldValueForbidden", path, "Forbidden: " + detail});
  }
  void invalid(const std::string& path, const std::string& shown, const std::string& detail) {
    errors.push_back({"FieldValueInvalid", path, "Invalid value: " + shown + ": " + detail});
  }

  void types(const Schema& schema, Level level, const std::string& path) {
    constexpr const char* embedded = "must be object if x-kubernetes-embedded-resource is true";
    if (schema.embedded && schema.type != "object") {
      if (schema.type.empty())
        required(path + ".type", embedded);
      else
        invalid(path + ".type", net::go_quote(schema.type), embedded);
    } else if (schema.type.empty() && !schema.int_or_string && !schema.preserve_unknown) {
      required(path + ".type", level == Level::root   ? "must not be empty at the root"
                               : level == Level::item ? "must not be empty for specified array items"
                                                      : "must not be empty for specified object fields");
    }
    if (schema.embedded && schema.has_additional)
      forbidden(path + ".additionalProperties", "must not be used if x-kubernetes-embedded-resource is set");
    if (level == Level::root && !schema.type.empty() && schema.type != "object")
      invalid(path + ".type", net::go_quote(schema.type), "must be object at the root");
  }

  void metadata(const Schema& schema, Level level, const std::string& path) {
    bool checked = level == Level::root || schema.embedded;
    for (const char* name : {"kind", "apiVersion"}) {
      auto found = schema.properties.find(name);
      if (checked && found != schema.properties.end() && found->second.type != "string")
        invalid(property(path, name) + ".type", net::go_quote(found->second.type), "must be string");
    }
    auto found = schema.properties.find("metadata");
    if (found == schema.properties.end()) return;
    const Schema& inside = found->second;
    if (checked && inside.type != "object")
      invalid(property(path, "metadata") + ".type", net::go_quote(inside.type), "must be object");
    if (level == Level::root && !only_names(inside))
      forbidden(property(path, "metadata"),
                "must not specify anything other than name and generateName, but metadata is implicitly specified");
  }

  static bool only_names(const Schema& metadata) {
    for (const auto& [name, child] : metadata.properties)
      if (name != "name" && name != "generateName") return false;
    return metadata.description.empty() && metadata.title.empty() && !metadata.nullable && metadata.required.empty() &&
           !metadata.items && !metadata.has_additional && metadata.enumeration.empty() && metadata.format.empty() &&
           metadata.pattern.empty() && !metadata.preserve_unknown && !metadata.embedded && !metadata.int_or_string &&
           !metadata.map_type && !metadata.list_type && metadata.rules.empty() && metadata.all_of.empty() &&
           metadata.any_of.empty() && metadata.one_of.empty() && !metadata.negated && !metadata.max_properties &&
           !metadata.min_properties;
  }

  void values(const Schema& schema, bool skip_any_of, bool skip_first_all_of, const std::string& path) {
    for (std::size_t i = 0; !skip_any_of && i < schema.any_of.size(); ++i)
      nested(schema.any_of[i], false, item(path, "anyOf", i));
    for (std::size_t i = 0; i < schema.all_of.size(); ++i)
      nested(schema.all_of[i], skip_first_all_of && i == 0, item(path, "allOf", i));
    for (std::size_t i = 0; i < schema.one_of.size(); ++i) nested(schema.one_of[i], false, item(path, "oneOf", i));
    if (schema.negated) nested(*schema.negated, false, path + ".not");
    if (!schema.pattern.empty() && !schema.compiled_pattern)
      invalid(path + ".pattern", net::go_quote(schema.pattern),
              "must be a valid regular expression, but isn't: " + cel::regex_problem(schema.pattern));
  }

  void nested(const Schema& schema, bool skip_any_of, const std::string& path) {
    values(schema, skip_any_of, false, path);
    if (schema.items) nested(*schema.items, false, path + ".items");
    for (const auto& [name, child] : schema.properties) nested(child, false, property(path, name));
    auto must_not = [&](bool given, const char* field, const char* how) {
      if (given) forbidden(path + "." + field, std::string("must be ") + how + " to be structural");
    };
    must_not(!schema.type.empty(), "type", "empty");
    must_not(schema.additional || (schema.has_additional && schema.additional_allowed), "additionalProperties",
             "undefined");
    must_not(schema.default_value.has_value(), "default", "undefined");
    must_not(!schema.title.empty(), "title", "empty");
    must_not(!schema.description.empty(), "description", "empty");
    must_not(schema.nullable, "nullable", "false");
    must_not(schema.preserve_unknown, "x-kubernetes-preserve-unknown-fields", "false");
    must_not(schema.embedded, "x-kubernetes-embedded-resource", "false");
    must_not(schema.int_or_string, "x-kubernetes-int-or-string", "false");
    must_not(!schema.list_map_keys.empty(), "x-kubernetes-list-map-keys", "empty");
    must_not(schema.list_type.has_value(), "x-kubernetes-list-type", "undefined");
    must_not(schema.map_type.has_value(), "x-kubernetes-map-type", "undefined");
    must_not(!schema.rules.empty(), "x-kubernetes-validations", "empty");
    if (schema.properties.contains("metadata"))
      forbidden(property(path, "metadata"), "must not be specified in a nested context");
  }

  void nested_completeness(const Schema& values, const Schema* schema, const std::string& path,
                           const std::string& from) {
    if (!schema) return required(path, "because it is defined in " + from);
    completeness(values, *schema, path, from);
    if (values.items) nested_completeness(*values.items, schema->items.get(), path + ".items", from + ".items");
    for (const auto& [name, child] : values.properties) {
      auto found = schema->properties.find(name);
      if (found == schema->properties.end())
        required(property(path, name), "because it is defined in " + property(from, name));
      else
        nested_completeness(child, &found->second, property(path, name), property(from, name));
    }
  }
};

// ---- defaults

class Defaults {
 public:
  std::vector<FieldError> errors;

  void check(const Schema& schema, const std::string& path, bool root, bool inside_metadata) {
    bool embedded = schema.embedded || root;
    if (schema.embedded) inside_metadata = false;
    if (schema.default_value && !inside_metadata) check_default(schema, path + ".default");
    if (schema.items) check(*schema.items, path + ".items", false, inside_metadata);
    for (const auto& [name, child] : schema.properties) {
      bool of_metadata = embedded && (name == "metadata" || name == "apiVersion" || name == "kind");
      check(child, property(path, name), false, inside_metadata || of_metadata);
    }
  }

 private:
  void check_default(const Schema& schema, const std::string& path) {
    const json::Value& value = *schema.default_value;
    json::Value pruned = value;
    prune(pruned, schema, schema.embedded ? Root::yes : Root::no, nullptr);
    if (pruned != value)
      errors.push_back(
          {"FieldValueInvalid", path, "Invalid value: " + shown_value(value) + ": must not have unknown fields"});
    std::vector<FieldError> found = validate_embedded(value, schema, path);
    if (found.empty()) found = to_field_errors(validate_value(value, schema), path);
    if (found.empty()) {
      if (!rules_of(schema)) return;
      found = rules_->validate(value, &value, path, nullptr);
      if (found.empty()) found = rules_->validate(value, nullptr, path, nullptr);
    }
    for (FieldError& error : found) errors.push_back(std::move(error));
  }

  bool rules_of(const Schema& schema) {
    rules_ = Rules::make(schema, false);
    return rules_ != nullptr;
  }

  std::unique_ptr<const Rules> rules_;
};

}  // namespace

std::vector<FieldError> validate_structural(const Schema& root, const std::string& path) {
  Structural walk;
  walk.invariants(root, Level::root, path);
  walk.completeness(root, root, path, path);
  std::sort(walk.errors.begin(), walk.errors.end(), [](const FieldError& a, const FieldError& b) {
    return a.field + ": " + a.message < b.field + ": " + b.message;
  });
  return std::move(walk.errors);
}

std::vector<FieldError> validate_defaults(const Schema& root, const std::string& path) {
  Defaults walk;
  walk.check(root, path, true, false);
  return std::move(walk.errors);
}

}  // namespace gatepost::kube::crd
