// Schema: one node of the structural schema of a custom resource, read once from openAPIV3Schema when a definition
// changes and then only looked at. Bounded by max_schema_depth; whether it is a good schema is judged in
// validate_schema.h.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/value.h"

namespace re2 {
class RE2;
}

namespace gatepost::kube::crd {

// Schemas nested deeper are refused: everything that walks a schema does so by recursion.
inline constexpr std::size_t max_schema_depth = 400;

// One of x-kubernetes-validations.
struct Rule {
  std::string rule, message, message_expression, field_path;
  std::optional<std::string> reason;
  std::optional<bool> optional_old_self;
};

struct Schema {
  std::string type, format, pattern, title, description;
  bool nullable = false;
  std::optional<json::Value> default_value;
  std::vector<json::Value> enumeration;
  std::optional<double> maximum, minimum, multiple_of;
  bool exclusive_maximum = false, exclusive_minimum = false;
  std::optional<std::int64_t> max_length, min_length, max_items, min_items, max_properties, min_properties;
  bool unique_items = false;
  std::vector<std::string> required;

  std::map<std::string, Schema, std::less<>> properties;
  std::unique_ptr<Schema> items, additional, negated;  // negated: `not`
  bool has_additional = false;                         // additionalProperties is given: a schema, or
  bool additional_allowed = true;                      // this truth
  std::vector<Schema> all_of, any_of, one_of;

  bool preserve_unknown = false, embedded = false, int_or_string = false;
  std::optional<std::string> list_type, map_type;
  std::vector<std::string> list_map_keys;
  std::vector<Rule> rules;
  std::shared_ptr<const re2::RE2> compiled_pattern;  // null: none, or one that does not compile

  // The field of an object or the values of a map; null: nothing is known of it.
  const Schema* child(std::string_view name) const;
};

// A JSON object that was decoded as JSONSchemaProps.
Result<Schema> read_schema(const json::Value& props);

// Drops from defaults what the schema does not know, so that defaulting never adds what pruning would take away.
void prune_defaults(Schema& root);

}  // namespace gatepost::kube::crd
