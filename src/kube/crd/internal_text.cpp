#include "kube/crd/internal_text.h"

#include <algorithm>
#include <array>

#include "json/write.h"

namespace gatepost::kube::crd {
namespace {

enum class Form { text, truth, pointer, list, schema, schemas, schema_map, items, schema_or_bool, docs, rules };

struct FieldRow {
  std::string_view go, name;
  Form form;
  bool for_status = false;  // allowed at the root of a schema beside the status subresource
};

// apiextensions.JSONSchemaProps, in order.
constexpr std::array rows{
    FieldRow{"ID", "id", Form::text},
    FieldRow{"Schema", "$schema", Form::text},
    FieldRow{"Ref", "$ref", Form::pointer},
    FieldRow{"Description", "description", Form::text, true},
    FieldRow{"Type", "type", Form::text, true},
    FieldRow{"Nullable", "nullable", Form::truth},
    FieldRow{"Format", "format", Form::text, true},
    FieldRow{"Title", "title", Form::text, true},
    FieldRow{"Default", "default", Form::pointer},
    FieldRow{"Maximum", "maximum", Form::pointer, true},
    FieldRow{"ExclusiveMaximum", "exclusiveMaximum", Form::truth, true},
    FieldRow{"Minimum", "minimum", Form::pointer, true},
    FieldRow{"ExclusiveMinimum", "exclusiveMinimum", Form::truth, true},
    FieldRow{"MaxLength", "maxLength", Form::pointer, true},
    FieldRow{"MinLength", "minLength", Form::pointer, true},
    FieldRow{"Pattern", "pattern", Form::text, true},
    FieldRow{"MaxItems", "maxItems", Form::pointer, true},
    FieldRow{"MinItems", "minItems", Form::pointer, true},
    FieldRow{"UniqueItems", "uniqueItems", Form::truth, true},
    FieldRow{"MultipleOf", "multipleOf", Form::pointer, true},
    FieldRow{"Enum", "enum", Form::list},
    FieldRow{"MaxProperties", "maxProperties", Form::pointer},
    FieldRow{"MinProperties", "minProperties", Form::pointer},
    FieldRow{"Required", "required", Form::list, true},
    FieldRow{"Items", "items", Form::items, true},
    FieldRow{"AllOf", "allOf", Form::schemas},
    FieldRow{"OneOf", "oneOf", Form::schemas},
    FieldRow{"AnyOf", "anyOf", Form::schemas},
    FieldRow{"Not", "not", Form::schema},
    FieldRow{"Properties", "properties", Form::schema_map, true},
    FieldRow{"AdditionalProperties", "additionalProperties", Form::schema_or_bool},
    FieldRow{"PatternProperties", "patternProperties", Form::schema_map},
    FieldRow{"Dependencies", "dependencies", Form::pointer},
    FieldRow{"AdditionalItems", "additionalItems", Form::schema_or_bool},
    FieldRow{"Definitions", "definitions", Form::schema_map},
    FieldRow{"ExternalDocs", "externalDocs", Form::docs, true},
    FieldRow{"Example", "example", Form::pointer, true},
    FieldRow{"XPreserveUnknownFields", "x-kubernetes-preserve-unknown-fields", Form::pointer, true},
    FieldRow{"XEmbeddedResource", "x-kubernetes-embedded-resource", Form::truth},
    FieldRow{"XIntOrString", "x-kubernetes-int-or-string", Form::truth},
    FieldRow{"XListMapKeys", "x-kubernetes-list-map-keys", Form::list},
    FieldRow{"XListType", "x-kubernetes-list-type", Form::pointer},
    FieldRow{"XMapType", "x-kubernetes-map-type", Form::pointer},
    FieldRow{"XValidations", "x-kubernetes-validations", Form::rules, true},
};

std::string quoted(std::string_view text) {
  std::string out;
  json::write_string(text, out);
  return out;
}

std::string rule_text(const json::Value& rule) {
  auto text = [&](std::string_view name) { return quoted(json::string_at(rule, {name})); };
  auto pointer = [&](std::string_view name) {
    const json::Value* value = json::find(rule, name);
    return value ? json::write(*value) : std::string("null");
  };
  return "{\"Rule\":" + text("rule") + ",\"Message\":" + text("message") +
         ",\"MessageExpression\":" + text("messageExpression") + ",\"Reason\":" + pointer("reason") +
         ",\"FieldPath\":" + text("fieldPath") + ",\"OptionalOldSelf\":" + pointer("optionalOldSelf") + "}";
}

std::string schema_text(const json::Value& props, std::size_t depth);

template <class Each>
std::string list_text(const json::Array& list, Each each) {
  std::string out = "[";
  for (const json::Value& item : list) out += (out.size() > 1 ? "," : "") + each(item);
  return out + "]";
}

std::string map_text(const json::Object& map, std::size_t depth) {
  std::vector<std::string_view> keys;
  for (const auto& member : map) keys.push_back(member.key());
  std::sort(keys.begin(), keys.end());
  std::string out = "{";
  for (std::string_view key : keys)
    out += (out.size() > 1 ? "," : "") + quoted(key) + ":" + schema_text(map.at(key), depth + 1);
  return out + "}";
}

std::string field_text(const json::Value* value, Form form, std::size_t depth) {
  bool given = value && !value->is_null();
  switch (form) {
    case Form::text:
      return quoted(given && value->is_string() ? json::view(value->get_string()) : "");
    case Form::truth:
      return given && value->is_bool() && value->get_bool() ? "true" : "false";
    case Form::schemas:
      if (!given || !value->is_array()) return "null";
      return list_text(value->get_array(), [depth](const json::Value& item) { return schema_text(item, depth + 1); });
    case Form::schema_map:
      return given && value->is_object() ? map_text(value->get_object(), depth) : "null";
    case Form::schema:
      return given ? schema_text(*value, depth + 1) : "null";
    case Form::items:
      return given ? "{\"Schema\":" + schema_text(*value, depth + 1) + ",\"JSONSchemas\":null}" : "null";
    case Form::schema_or_bool:
      if (!given) return "null";
      if (value->is_bool())
        return std::string("{\"Allows\":") + (value->get_bool() ? "true" : "false") + ",\"Schema\":null}";
      return "{\"Allows\":true,\"Schema\":" + schema_text(*value, depth + 1) + "}";
    case Form::docs:
      if (!given) return "null";
      return "{\"Description\":" + quoted(json::string_at(*value, {"description"})) +
             ",\"URL\":" + quoted(json::string_at(*value, {"url"})) + "}";
    case Form::rules:
      return given && value->is_array() ? list_text(value->get_array(), rule_text) : "null";
    case Form::pointer:
    case Form::list:
      break;
  }
  return given ? json::write(*value) : "null";
}

std::string schema_text(const json::Value& props, std::size_t depth) {
  if (!props.is_object() || depth > max_schema_depth) return "null";
  std::string out = "{";
  for (const FieldRow& row : rows) {
    if (out.size() > 1) out.push_back(',');
    out += quoted(row.go) + ":" + field_text(json::find(props, row.name), row.form, depth);
  }
  return out + "}";
}

bool is_zero(const json::Value* value) {
  if (!value || value->is_null()) return true;
  if (value->is_string()) return value->get_string().empty();
  if (value->is_bool()) return !value->get_bool();
  return false;
}

}  // namespace

std::string internal_rule(const Rule& rule) {
  json::Object object{{"rule", rule.rule},
                      {"message", rule.message},
                      {"messageExpression", rule.message_expression},
                      {"fieldPath", rule.field_path}};
  if (rule.reason) object["reason"] = *rule.reason;
  if (rule.optional_old_self) object["optionalOldSelf"] = *rule.optional_old_self;
  return rule_text(json::Value(std::move(object)));
}

std::string internal_schema(const json::Value& props) {
  return schema_text(props, 0);
}

std::string first_field_not_for_status(const json::Value& props) {
  for (const FieldRow& row : rows) {
    const json::Value* value = json::find(props, row.name);
    // A pointer to false or 0 is not nothing.
    if (row.form == Form::pointer ? !value || value->is_null() : is_zero(value)) continue;
    if (row.name == "type" && json::string_at(props, {"type"}) != "object") return "type";
    if (!row.for_status) return std::string(row.go);
  }
  return {};
}

std::string internal_versions(const json::Value& versions) {
  if (!versions.is_array()) return "null";
  const json::Array& list = versions.get_array();
  auto shared = [&](std::string_view name) {
    const json::Value* first = list.empty() ? nullptr : json::find(list[0], name);
    return std::all_of(list.begin(), list.end(), [&](const json::Value& version) {
      const json::Value* value = json::find(version, name);
      return first && value ? *first == *value : !first && !value;
    });
  };
  bool same_schema = shared("schema");
  return list_text(list, [&](const json::Value& version) {
    auto truth = [&](const char* name) { return std::string(json::bool_at(version, {name}) ? "true" : "false"); };
    const json::Value* warning = json::find(version, "deprecationWarning");
    const json::Value* props = json::find_path(version, {"schema", "openAPIV3Schema"});
    std::string schema = same_schema || !json::find(version, "schema")
                             ? "null"
                             : "{\"OpenAPIV3Schema\":" + (props ? internal_schema(*props) : "null") + "}";
    return "{\"Name\":" + quoted(json::string_at(version, {"name"})) + ",\"Served\":" + truth("served") +
           ",\"Storage\":" + truth("storage") + ",\"Deprecated\":" + truth("deprecated") +
           ",\"DeprecationWarning\":" + (warning ? json::write(*warning) : "null") + ",\"Schema\":" + schema +
           ",\"Subresources\":null,\"AdditionalPrinterColumns\":null,\"SelectableFields\":null}";
  });
}

}  // namespace gatepost::kube::crd
