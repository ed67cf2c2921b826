#include "kube/crd/schema.h"

#include <re2/re2.h>

#include "cel/regex.h"
#include "kube/crd/prune.h"

namespace gatepost::kube::crd {
namespace {

std::string text_at(const json::Value& props, std::string_view key) {
  return std::string(json::string_at(props, {key}));
}

std::optional<double> number_at(const json::Value& props, std::string_view key) {
  const json::Value* value = json::find(props, key);
  if (!value || !value->is_number()) return std::nullopt;
  return value->to_number<double>();
}

std::optional<std::int64_t> integer_at(const json::Value& props, std::string_view key) {
  const json::Value* value = json::find(props, key);
  if (!value || !value->is_int64()) return std::nullopt;
  return value->get_int64();
}

std::optional<std::string> optional_text(const json::Value& props, std::string_view key) {
  const json::Value* value = json::find(props, key);
  if (!value || !value->is_string()) return std::nullopt;
  return std::string(json::view(value->get_string()));
}

std::vector<std::string> texts_at(const json::Value& props, std::string_view key) {
  std::vector<std::string> out;
  if (const json::Array* list = json::array_at(props, {key}))
    for (const json::Value& item : *list)
      if (item.is_string()) out.emplace_back(json::view(item.get_string()));
  return out;
}

Rule read_rule(const json::Value& value) {
  Rule rule;
  rule.rule = text_at(value, "rule");
  rule.message = text_at(value, "message");
  rule.message_expression = text_at(value, "messageExpression");
  rule.field_path = text_at(value, "fieldPath");
  rule.reason = optional_text(value, "reason");
  if (const json::Value* optional = json::find(value, "optionalOldSelf"); optional && optional->is_bool())
    rule.optional_old_self = optional->get_bool();
  return rule;
}

void read_bounds(const json::Value& props, Schema& out) {
  out.maximum = number_at(props, "maximum");
  out.minimum = number_at(props, "minimum");
  out.multiple_of = number_at(props, "multipleOf");
  out.exclusive_maximum = json::bool_at(props, {"exclusiveMaximum"});
  out.exclusive_minimum = json::bool_at(props, {"exclusiveMinimum"});
  out.max_length = integer_at(props, "maxLength");
  out.min_length = integer_at(props, "minLength");
  out.max_items = integer_at(props, "maxItems");
  out.min_items = integer_at(props, "minItems");
  out.max_properties = integer_at(props, "maxProperties");
  out.min_properties = integer_at(props, "minProperties");
  out.unique_items = json::bool_at(props, {"uniqueItems"});
  out.required = texts_at(props, "required");
  out.pattern = text_at(props, "pattern");
  if (!out.pattern.empty()) {
    auto compiled = std::make_shared<const re2::RE2>(cel::to_re2_text(out.pattern), re2::RE2::Quiet);
    if (compiled->ok()) out.compiled_pattern = std::move(compiled);
  }
}

void read_extensions(const json::Value& props, Schema& out) {
  out.preserve_unknown = json::bool_at(props, {"x-kubernetes-preserve-unknown-fields"});
  out.embedded = json::bool_at(props, {"x-kubernetes-embedded-resource"});
  out.int_or_string = json::bool_at(props, {"x-kubernetes-int-or-string"});
  out.list_type = optional_text(props, "x-kubernetes-list-type");
  out.map_type = optional_text(props, "x-kubernetes-map-type");
  out.list_map_keys = texts_at(props, "x-kubernetes-list-map-keys");
  if (const json::Array* rules = json::array_at(props, {"x-kubernetes-validations"}))
    for (const json::Value& rule : *rules) out.rules.push_back(read_rule(rule));
}

Result<void> read_into(const json::Value& props, Schema& out, std::size_t depth);

Result<void> read_child(const json::Value* props, std::unique_ptr<Schema>& out, std::size_t depth) {
  if (!props || !props->is_object()) return {};
  out = std::make_unique<Schema>();
  return read_into(*props, *out, depth + 1);
}

Result<void> read_list(const json::Value& props, std::string_view key, std::vector<Schema>& out, std::size_t depth) {
  const json::Array* list = json::array_at(props, {key});
  if (!list) return {};
  out.reserve(list->size());
  for (const json::Value& item : *list)
    if (auto read = read_into(item, out.emplace_back(), depth + 1); !read) return read;
  return {};
}

Result<void> read_into(const json::Value& props, Schema& out, std::size_t depth) {
  if (depth > max_schema_depth) return fail("schemas may not be nested deeper than 400 levels");
  out.type = text_at(props, "type");
  out.format = text_at(props, "format");
  out.title = text_at(props, "title");
  out.description = text_at(props, "description");
  out.nullable = json::bool_at(props, {"nullable"});
  if (const json::Value* value = json::find(props, "default"); value && !value->is_null())
    out.default_value.emplace(*value, json::Storage());
  if (const json::Array* values = json::array_at(props, {"enum"}))
    for (const json::Value& value : *values) out.enumeration.emplace_back(value, json::Storage());
  read_bounds(props, out);
  read_extensions(props, out);
  if (const json::Object* properties = json::object_at(props, {"properties"}))
    for (const auto& property : *properties)
      if (auto read = read_into(property.value(), out.properties[std::string(property.key())], depth + 1); !read)
        return read;
  if (const json::Value* additional = json::find(props, "additionalProperties"); additional && !additional->is_null()) {
    out.has_additional = true;
    if (additional->is_bool()) out.additional_allowed = additional->get_bool();
    if (auto read = read_child(additional, out.additional, depth); !read) return read;
  }
  if (auto read = read_child(json::find(props, "items"), out.items, depth); !read) return read;
  if (auto read = read_child(json::find(props, "not"), out.negated, depth); !read) return read;
  for (auto [key, list] : {std::pair{"allOf", &out.all_of}, {"anyOf", &out.any_of}, {"oneOf", &out.one_of}})
    if (auto read = read_list(props, key, *list, depth); !read) return read;
  return {};
}

void prune_defaults_below(Schema& schema) {
  if (schema.default_value) prune(*schema.default_value, schema, schema.embedded ? Root::yes : Root::no, nullptr);
  for (auto& [name, property] : schema.properties) prune_defaults_below(property);
  if (schema.additional) prune_defaults_below(*schema.additional);
  if (schema.items) prune_defaults_below(*schema.items);
}

}  // namespace

const Schema* Schema::child(std::string_view name) const {
  auto found = properties.find(name);
  return found != properties.end() ? &found->second : additional.get();
}

Result<Schema> read_schema(const json::Value& props) {
  Schema schema;
  if (auto read = read_into(props, schema, 0); !read) return fail_with(std::move(read.error()));
  return schema;
}

void prune_defaults(Schema& root) {
  prune_defaults_below(root);
}

}  // namespace gatepost::kube::crd
