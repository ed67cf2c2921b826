#include "kube/crd/validate_schema.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>
#include <optional>
#include <set>

#include "json/write.h"
#include "kube/crd/formats.h"
#include "kube/crd/internal_text.h"
#include "kube/crd/rules.h"
#include "kube/crd/structural.h"
#include "kube/crd/value_error.h"
#include "net/go_text.h"

namespace gatepost::kube::crd {
namespace {

constexpr std::uint64_t rule_cost_limit = 10'000'000, total_cost_limit = 100'000'000;
constexpr std::uint64_t unbounded = std::numeric_limits<std::uint64_t>::max();

std::string trimmed(std::string_view text) {
  constexpr std::string_view space = " \t\n\v\f\r";
  std::size_t from = text.find_first_not_of(space);
  if (from == std::string_view::npos) return {};
  return std::string(text.substr(from, text.find_last_not_of(space) - from + 1));
}

bool has_newline(std::string_view text) {
  return text.find_first_of("\n\r") != std::string_view::npos;
}

std::uint64_t times(std::uint64_t a, std::uint64_t b) {
  if (a == 0) return 0;
  return unbounded / a < b ? unbounded : a * b;
}

std::string cost_text(const std::string& what, std::uint64_t cost, std::uint64_t limit) {
  double factor = static_cast<double>(cost) / static_cast<double>(limit);
  char text[64] = "more than 100x";
  if (factor <= 100.0) std::snprintf(text, sizeof text, factor < 1.5 ? "%fx" : "%.1fx", factor);
  return what + " exceeds budget by factor of " + text +
         " (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings "
         "are declared)";
}

// How often a value of this place can be in one object; nothing: no bound is known.
using Cardinality = std::optional<std::uint64_t>;

Cardinality children_of(const Schema& schema, Cardinality own) {
  if (!own) return std::nullopt;
  std::optional<std::int64_t> most = 1;
  if (schema.type == "object" && schema.has_additional) most = schema.max_properties;
  if (schema.type == "array") most = schema.max_items;
  if (!most) return std::nullopt;
  return times(*own, static_cast<std::uint64_t>(std::max<std::int64_t>(*most, 0)));
}

struct Cost {
  std::string path;
  std::uint64_t cost;
};

// What holds for a place because of where it is.
struct Place {
  bool root = false, inside_metadata = false;
  bool defaults_allowed = true;
  std::string no_defaults_reason;
  std::string uncorrelatable;      // the path above which old and new values cannot be told apart; empty: they can
  const Schema* schema = nullptr;  // null: rules are not judged here
  Cardinality cardinality = 1;
  std::size_t depth = 0;
};

class SchemaWalk {
 public:
  explicit SchemaWalk(const SchemaChecks& checks) : checks_(checks) {}

  // Errors of this place and all below; those of rules come last, and only where everything below is sound.
  struct Found {
    std::vector<FieldError> schema, rules;
    void append(Found more) {
      for (FieldError& error : more.schema) schema.push_back(std::move(error));
      for (FieldError& error : more.rules) rules.push_back(std::move(error));
    }
  };

  Found walk(const json::Value* props, const std::string& path, const Place& place) {
    Found out;
    // Deeper ones were refused when they were read.
    if (!props || !props->is_object() || place.depth > max_schema_depth) return out;
    standard(*props, path, place, out);
    if (json::bool_at(*props, {"uniqueItems"}))
      forbidden(out, path + ".uniqueItems",
                "uniqueItems cannot be set to true since the runtime complexity becomes quadratic");
    children(*props, path, place, out);
    extensions(*props, path, out);
    rules(*props, path, place, out);
    return out;
  }

  std::uint64_t total = 0;
  std::vector<Cost> most_expensive;

 private:
  static std::string child(const std::string& path, std::string_view name) { return path + "." + std::string(name); }
  static std::string keyed(const std::string& path, std::string_view list, std::string_view key) {
    return path + "." + std::string(list) + "[" + std::string(key) + "]";
  }

  static void required(Found& out, const std::string& path, const std::string& detail) {
    out.schema.push_back({"FieldValueRequired", path, "Required value: " + detail});
  }
  static void forbidden(Found& out, const std::string& path, const std::string& detail) {
    out.schema.push_back({"FieldValueForbidden", path, "Forbidden: " + detail});
  }
  static void invalid(Found& out, const std::string& path, const std::string& shown, const std::string& detail) {
    out.schema.push_back({"FieldValueInvalid", path, "Invalid value: " + shown + ": " + detail});
  }
  static void not_supported(Found& out, const std::string& path, std::string_view value, const std::string& choices) {
    out.schema.push_back({"FieldValueNotSupported", path,
                          "Unsupported value: " + net::go_quote(value) + ": supported values: " + choices});
  }

  void standard(const json::Value& props, const std::string& path, const Place& place, Found& out) {
    static const std::set<std::string_view> types{"array", "boolean", "integer", "number", "object", "string"};
    std::string_view type = json::string_at(props, {"type"});
    if (!type.empty() && !types.contains(type))
      not_supported(out, child(path, "type"), type, R"("array", "boolean", "integer", "number", "object", "string")");
    const json::Value* value = json::find(props, "default");
    if (value && !value->is_null() && !place.defaults_allowed)
      forbidden(out, child(path, "default"),
                "must not be set" + (place.no_defaults_reason.empty() ? "" : " " + place.no_defaults_reason));
    auto unsupported = [&](const char* field) {
      const json::Value* given = json::find(props, field);
      bool is_given = given && !given->is_null() && !(given->is_string() && given->get_string().empty()) &&
                      !(given->is_object() && given->get_object().empty());
      if (is_given) forbidden(out, child(path, field), std::string(field) + " is not supported");
    };
    for (const char* field : {"id", "additionalItems", "patternProperties", "definitions", "dependencies", "$ref"})
      unsupported(field);
    if (type == "null")
      forbidden(out, child(path, "type"), "type cannot be set to null, use nullable as an alternative");
    if (json::array_at(props, {"items"}))
      forbidden(out, child(path, "items"), "items must be a schema object and not an array");
    if (place.inside_metadata && json::bool_at(props, {"x-kubernetes-embedded-resource"}))
      forbidden(out, child(path, "x-kubernetes-embedded-resource"), "must not be used inside of resource meta");
  }

  // The place of a child with a schema of its own.
  static Place below(const Place& place, const Schema* schema) {
    Place out = place;
    out.root = false;
    ++out.depth;
    out.cardinality = place.schema ? children_of(*place.schema, place.cardinality) : std::nullopt;
    out.schema = place.schema ? schema : nullptr;
    return out;
  }

  void children(const json::Value& props, const std::string& path, const Place& place, Found& out) {
    const Schema* schema = place.schema;
    const json::Value* additional = json::find(props, "additionalProperties");
    const json::Object* properties = json::object_at(props, {"properties"});
    if (additional && !additional->is_null()) {
      bool open = additional->is_bool() && additional->get_bool();
      if (properties && !properties->empty() && !open)
        forbidden(out, child(path, "additionalProperties"), "additionalProperties and properties are mutual exclusive");
      Place inside = below(place, schema ? schema->additional.get() : nullptr);
      if (place.inside_metadata) {
        inside.defaults_allowed = false;
        inside.no_defaults_reason = "inside additionalProperties applying to object metadata";
      }
      out.append(walk(additional, child(path, "additionalProperties"), inside));
    }
    if (properties)
      for (const auto& property : *properties) {
        std::string_view name = property.key();
        auto found = schema ? schema->properties.find(name) : decltype(schema->properties.find(name)){};
        Place inside = below(place, schema && found != schema->properties.end() ? &found->second : nullptr);
        bool of_metadata = (place.root || json::bool_at(props, {"x-kubernetes-embedded-resource"})) &&
                           (name == "metadata" || name == "kind" || name == "apiVersion");
        if (of_metadata) inside.inside_metadata = true;
        if (of_metadata && place.root) {
          inside.defaults_allowed = false;
          inside.no_defaults_reason = "in top-level " + std::string(name);
        }
        std::string_view map_type = json::string_at(props, {"x-kubernetes-map-type"});
        bool correlatable = map_type.empty() || map_type == "granular" || map_type == "atomic";
        if (!correlatable && inside.uncorrelatable.empty()) inside.uncorrelatable = path;
        out.append(walk(&property.value(), keyed(path, "properties", name), inside));
      }
    Place apart = place;
    apart.root = false;
    ++apart.depth;
    apart.schema = nullptr;
    out.append(walk(json::find(props, "not"), child(path, "not"), apart));
    for (const char* list : {"allOf", "oneOf", "anyOf"})
      if (const json::Array* parts = json::array_at(props, {list}))
        for (std::size_t i = 0; i < parts->size(); ++i)
          out.append(walk(&(*parts)[i], keyed(path, list, std::to_string(i)), apart));
    for (const char* map : {"definitions", "dependencies"})
      if (const json::Object* parts = json::object_at(props, {map}))
        for (const auto& part : *parts) out.append(walk(&part.value(), keyed(path, map, part.key()), apart));
    if (const json::Object* items = json::object_at(props, {"items"}); items) {
      Place inside = below(place, schema ? schema->items.get() : nullptr);
      if (json::string_at(props, {"x-kubernetes-list-type"}) != "map" && inside.uncorrelatable.empty())
        inside.uncorrelatable = path;
      out.append(walk(json::find(props, "items"), child(path, "items"), inside));
    }
  }

  void must_be(Found& out, const std::string& path, std::string_view type, const std::string& detail) {
    if (type.empty())
      required(out, child(path, "type"), detail);
    else
      invalid(out, child(path, "type"), net::go_quote(type), detail);
  }

  void extensions(const json::Value& props, const std::string& path, Found& out) {
    std::string_view type = json::string_at(props, {"type"});
    const json::Value* preserve = json::find(props, "x-kubernetes-preserve-unknown-fields");
    if (preserve && preserve->is_bool() && !preserve->get_bool())
      invalid(out, child(path, "x-kubernetes-preserve-unknown-fields"), "false", "must be true or undefined");
    const json::Value* map_type = json::find(props, "x-kubernetes-map-type");
    if (map_type && map_type->is_string()) {
      std::string_view text = json::view(map_type->get_string());
      if (type != "object") must_be(out, path, type, "must be object if x-kubernetes-map-type is specified");
      if (text != "atomic" && text != "granular")
        not_supported(out, child(path, "x-kubernetes-map-type"), text, R"("atomic", "granular")");
    }
    list_type(props, path, type, out);
  }

  void list_type(const json::Value& props, const std::string& path, std::string_view type, Found& out) {
    const json::Value* given = json::find(props, "x-kubernetes-list-type");
    bool has = given && given->is_string();
    std::string_view text = has ? json::view(given->get_string()) : "";
    const json::Value* items = json::find(props, "items");
    bool schema_items = items && items->is_object();
    if (has && type != "array")
      must_be(out, path, type, "must be array if x-kubernetes-list-type is specified");
    else if (text == "set" && schema_items)
      set_items(*items, child(path, "items"), out);
    if (has && text != "atomic" && text != "set" && text != "map")
      not_supported(out, child(path, "x-kubernetes-list-type"), text, R"("atomic", "set", "map")");
    const json::Array* keys = json::array_at(props, {"x-kubernetes-list-map-keys"});
    constexpr const char* needs_map = "must be map if x-kubernetes-list-map-keys is non-empty";
    if (keys && !keys->empty()) {
      if (!has)
        required(out, child(path, "x-kubernetes-list-type"), needs_map);
      else if (text != "map")
        invalid(out, child(path, "x-kubernetes-list-type"), net::go_quote(text), needs_map);
    }
    if (text == "map") map_items(items, keys, path, out);
    if ((text == "map" || text == "set") && schema_items) map_keys(*items, text, keys, path, out);
  }

  void set_items(const json::Value& items, const std::string& path, Found& out) {
    constexpr const char* atomic = "must be atomic as item of a list with x-kubernetes-list-type=set";
    std::string_view type = json::string_at(items, {"type"});
    const json::Value* list_type = json::find(items, "x-kubernetes-list-type");
    std::string shown = list_type ? shown_value(*list_type) : "null";
    if (type == "array" && list_type && json::string_at(items, {"x-kubernetes-list-type"}) != "atomic")
      invalid(out, child(path, "x-kubernetes-list-type"), shown, atomic);
    if (type == "object" && json::string_at(items, {"x-kubernetes-map-type"}) != "atomic")
      invalid(out, child(path, "x-kubernetes-map-type"), shown, atomic);
  }

  void map_items(const json::Value* items, const json::Array* keys, const std::string& path, Found& out) {
    if (!keys || keys->empty())
      required(out, child(path, "x-kubernetes-list-map-keys"), "must not be empty if x-kubernetes-list-type is map");
    if (!items) return required(out, child(path, "items"), "must have a schema if x-kubernetes-list-type is map");
    if (!items->is_object()) return;
    std::string_view type = json::string_at(*items, {"type"});
    if (type != "object")
      return invalid(out, child(path, "items") + ".type", net::go_quote(type),
                     "must be object if parent array's x-kubernetes-list-type is map");
    std::set<std::string_view> seen;
    for (std::size_t i = 0; keys && i < keys->size(); ++i) {
      if (!(*keys)[i].is_string()) continue;
      std::string_view key = json::view((*keys)[i].get_string());
      const json::Value* property = json::find_path(*items, {"properties", key});
      std::string_view key_type = property ? json::string_at(*property, {"type"}) : "";
      std::string shown = json::write(json::Value(*keys));
      if (!property)
        invalid(out, child(path, "x-kubernetes-list-map-keys"), shown, "entries must all be names of item properties");
      else if (key_type == "array" || key_type == "object")
        invalid(out, keyed(child(path, "items"), "properties", key) + ".type", net::go_quote(type),
                "must be a scalar type if parent array's x-kubernetes-list-type is map");
      if (!seen.insert(key).second)
        invalid(out, child(path, "x-kubernetes-list-map-keys"), shown, "must not contain duplicate entries");
    }
  }

  void map_keys(const json::Value& items, std::string_view list_type, const json::Array* keys, const std::string& path,
                Found& out) {
    std::string below_items = child(path, "items");
    if (json::bool_at(items, {"nullable"}))
      forbidden(out, child(below_items, "nullable"),
                "cannot be nullable when x-kubernetes-list-type is " + std::string(list_type));
    if (list_type != "map") return;
    const json::Array* needed = json::array_at(items, {"required"});
    for (std::size_t i = 0; keys && i < keys->size(); ++i) {
      if (!(*keys)[i].is_string()) continue;
      std::string_view key = json::view((*keys)[i].get_string());
      const json::Value* property = json::find_path(items, {"properties", key});
      if (!property) continue;
      std::string at = keyed(below_items, "properties", key);
      const json::Value* value = json::find(*property, "default");
      bool is_required = needed && std::find(needed->begin(), needed->end(), (*keys)[i]) != needed->end();
      if (!is_required && (!value || value->is_null()))
        required(out, child(at, "default"),
                 "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property");
      if (json::bool_at(*property, {"nullable"}))
        forbidden(out, child(at, "nullable"),
                  "this property is in x-kubernetes-list-map-keys, so it cannot be nullable");
    }
  }

  // ---- rules

  void rules(const json::Value& props, const std::string& path, const Place& place, Found& out) {
    const json::Array* list = json::array_at(props, {"x-kubernetes-validations"});
    if (!list || list->empty()) return;
    auto schema = read_schema(props);
    if (!schema) return;
    for (std::size_t i = 0; i < schema->rules.size(); ++i)
      rule_text(schema->rules[i], *schema, keyed(path, "x-kubernetes-validations", std::to_string(i)), out);
    if (!out.schema.empty() || !place.schema) return;
    auto types = std::make_shared<CelTypes>();
    std::vector<CompiledRule> compiled = compile_rules(*place.schema, place.root || place.schema->embedded, types);
    for (std::size_t i = 0; i < compiled.size(); ++i)
      compiled_rule(compiled[i], schema->rules[i], keyed(path, "x-kubernetes-validations", std::to_string(i)), place,
                    out);
  }

  void rule_text(const Rule& rule, const Schema& schema, const std::string& path, Found& out) {
    std::string text = trimmed(rule.rule), message = trimmed(rule.message);
    if (text.empty())
      required(out, child(path, "rule"), "rule is not specified");
    else if (!rule.message.empty() && message.empty())
      invalid(out, child(path, "message"), net::go_quote(rule.message), "must be non-empty if specified");
    else if (has_newline(message))
      invalid(out, child(path, "message"), net::go_quote(rule.message), "must not contain line breaks");
    else if (has_newline(text) && message.empty())
      required(out, child(path, "message"), "message must be specified if rule contains line breaks");
    if (!rule.message_expression.empty() && trimmed(rule.message_expression).empty())
      required(out, child(path, "messageExpression"), "messageExpression must be non-empty if specified");
    static const std::set<std::string_view> reasons{"FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid",
                                                    "FieldValueRequired"};
    if (rule.reason && !reasons.contains(*rule.reason))
      not_supported(out, child(path, "reason"), *rule.reason,
                    R"("FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired")");
    if (rule.field_path.empty()) return;
    std::string shown = net::go_quote(rule.field_path);
    if (trimmed(rule.field_path).empty())
      invalid(out, child(path, "fieldPath"), shown, "must be non-empty if specified");
    if (has_newline(rule.field_path)) invalid(out, child(path, "fieldPath"), shown, "must not contain line breaks");
    if (!find_field_path(rule.field_path, schema, Brackets::allowed))
      invalid(out, child(path, "fieldPath"), shown, "must be a valid path");
  }

  void compiled_rule(const CompiledRule& compiled, const Rule& rule, const std::string& path, const Place& place,
                     Found& out) {
    auto complain = [&](const char* reason, const std::string& field, const std::string& body) {
      out.rules.push_back({reason, child(path, field), body});
    };
    auto wrong = [&](const std::string& field, const std::string& detail) {
      complain("FieldValueInvalid", field, "Invalid value: " + internal_rule(rule) + ": " + detail);
    };
    std::uint64_t cost = times(compiled.max_cost, place.cardinality.value_or(compiled.max_cardinality));
    if (!checks_.unchanged && cost > rule_cost_limit)
      complain("FieldValueForbidden", "rule", "Forbidden: " + cost_text("estimated rule cost", cost, rule_cost_limit));
    observe(child(path, "rule"), cost);
    if (!compiled.error.empty()) wrong("rule", compiled.error);
    if (!compiled.message_error.empty()) {
      wrong("messageExpression", compiled.message_error);
    } else if (compiled.message) {
      if (!checks_.unchanged && compiled.message_cost > rule_cost_limit)
        complain("FieldValueForbidden", "messageExpression",
                 "Forbidden: " + cost_text("estimated messageExpression cost", compiled.message_cost, rule_cost_limit));
      observe(child(path, "messageExpression"), compiled.message_cost);
    }
    if (compiled.uses_old_self) {
      if (!place.uncorrelatable.empty())
        complain("FieldValueInvalid", "rule",
                 "Invalid value: " + net::go_quote(rule.rule) +
                     ": oldSelf cannot be used on the uncorrelatable portion of the schema within " +
                     place.uncorrelatable);
    } else if (rule.optional_old_self) {
      complain("FieldValueInvalid", "optionalOldSelf",
               std::string("Invalid value: ") + (*rule.optional_old_self ? "true" : "false") +
                   ": may not be set if oldSelf is not used in rule");
    }
  }

  void observe(const std::string& path, std::uint64_t cost) {
    total = unbounded - total < cost ? unbounded : total + cost;
    if (cost < total_cost_limit / 100) return;
    most_expensive.push_back({path, cost});
    std::sort(most_expensive.begin(), most_expensive.end(),
              [](const Cost& a, const Cost& b) { return a.cost > b.cost; });
    if (most_expensive.size() > 4) most_expensive.resize(4);
  }

  const SchemaChecks& checks_;
};

// The schema of status is taken from properties.status: the root may say nothing that would be lost there.
void check_root_for_status(const json::Value& props, const std::string& path, std::vector<FieldError>& errors) {
  std::string field = first_field_not_for_status(props);
  if (field.empty()) return;
  if (field == "type") {
    errors.push_back({"FieldValueInvalid", path + ".type",
                      "Invalid value: " + net::go_quote(json::string_at(props, {"type"})) +
                          ": only \"object\" is allowed as the type at the root of the schema if the status "
                          "subresource is enabled"});
    return;
  }
  errors.push_back(
      {"FieldValueInvalid", path,
       "Invalid value: " + internal_schema(props) +
           ": only [Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength "
           "MinLength "
           "Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example "
           "XPreserveUnknownFields XValidations] fields are allowed at the root of the schema if the status "
           "subresource is enabled"});
}

}  // namespace

std::vector<FieldError> validate_schema(const json::Value& props, const std::string& path, const SchemaChecks& checks) {
  std::vector<FieldError> errors;
  auto append = [&errors](std::vector<FieldError> more) {
    for (FieldError& error : more) errors.push_back(std::move(error));
  };
  if (checks.status_enabled) check_root_for_status(props, path, errors);
  if (json::bool_at(props, {"nullable"}))
    errors.push_back({"FieldValueForbidden", path + ".nullable", "Forbidden: nullable cannot be true at the root"});
  auto schema = read_schema(props);
  if (!schema) {
    errors.push_back({"FieldValueInvalid", path, "Invalid value: \"\": " + schema.error().text});
    return errors;
  }
  Place place;
  place.root = true;
  if (!checks.allow_unstructural) {
    std::vector<FieldError> found = validate_structural(*schema, path);
    if (found.empty()) found = validate_defaults(*schema, path);
    if (found.empty()) place.schema = &*schema;
    append(std::move(found));
  }
  SchemaWalk walk(checks);
  auto found = walk.walk(&props, path, place);
  append(std::move(found.schema));
  append(std::move(found.rules));
  if (place.schema && walk.total > total_cost_limit) {
    for (const Cost& cost : walk.most_expensive)
      errors.push_back({"FieldValueForbidden", cost.path,
                        "Forbidden: contributed to estimated rule cost total exceeding cost limit for entire "
                        "OpenAPIv3 schema"});
    errors.push_back({"FieldValueForbidden", path,
                      "Forbidden: " + cost_text("x-kubernetes-validations estimated rule cost total for entire "
                                                "OpenAPIv3 schema",
                                                walk.total, total_cost_limit)});
  }
  return errors;
}

void collect_unknown_formats(const json::Value& props, std::vector<std::string>& formats) {
  if (!props.is_object()) return;
  std::string_view format = json::string_at(props, {"format"});
  if (!format.empty() && !is_known_format(json::string_at(props, {"type"}), format)) formats.emplace_back(format);
  for (const char* key : {"items", "not", "additionalProperties"})
    if (const json::Value* child = json::find(props, key)) collect_unknown_formats(*child, formats);
  for (const char* key : {"allOf", "anyOf", "oneOf"})
    if (const json::Array* list = json::array_at(props, {key}))
      for (const json::Value& child : *list) collect_unknown_formats(child, formats);
  if (const json::Object* properties = json::object_at(props, {"properties"}))
    for (const auto& property : *properties) collect_unknown_formats(property.value(), formats);
}

}  // namespace gatepost::kube::crd
