#include "admission/policy/apply_configuration.h"

#include <algorithm>
#include <vector>

#include "json/write.h"

namespace gatepost::admission {
namespace {

using kube::ListType;
using kube::Schema;
using kube::SchemaType;

bool is_number(SchemaType type) {
  return type == SchemaType::int32 || type == SchemaType::int64 || type == SchemaType::number;
}

// A configuration is laid over an object field by field: each function below
// walks one schema and one or two values. Where a schema says nothing (JSON,
// RawExtension), maps merge and lists are one value.
const Schema* member_schema(const Schema* schema, std::string_view name) {
  if (!schema) return nullptr;
  if (schema->type == SchemaType::map) return schema->items;
  const kube::Field* field = schema->field(name);
  return field ? field->schema : nullptr;
}

// What structured-merge-diff complains about, one complaint an entry.
class Check {
 public:
  std::vector<std::string> complaints;
  std::vector<std::string> atomics;  // lists and maps of which no single field can be set

  void walk(const Schema* schema, const json::Value& value, const std::string& path) {
    if (!schema || schema->type == SchemaType::any || value.is_null()) return;
    switch (schema->type) {
      case SchemaType::structure:
      case SchemaType::map:
        return map(*schema, value, path);
      case SchemaType::list:
        return list(*schema, value, path);
      default:
        return scalar(*schema, value, path);
    }
  }

 private:
  void expected(const char* what, const json::Value& value, const std::string& path) {
    complaints.push_back(path + ": expected " + what + ", got &{" + json::write(value) + "}");
  }

  void map(const Schema& schema, const json::Value& value, const std::string& path) {
    const json::Object* object = value.if_object();
    if (!object) return expected("map", value, path);
    if (schema.atomic_map) atomics.push_back(path);
    for (const auto& member : *object) {
      const std::string below = path + "." + std::string(member.key());
      if (schema.type == SchemaType::structure && !schema.field(member.key())) {
        complaints.push_back(below + ": field not declared in schema");
        continue;
      }
      walk(member_schema(&schema, member.key()), member.value(), below);
    }
  }

  void list(const Schema& schema, const json::Value& value, const std::string& path) {
    const json::Array* array = value.if_array();
    if (!array) return expected("list", value, path);
    if (schema.list_type == ListType::atomic) atomics.push_back(path);
    for (std::size_t i = 0; i < array->size(); ++i)
      walk(schema.items, (*array)[i], path + "[" + std::to_string(i) + "]");
  }

  void scalar(const Schema& schema, const json::Value& value, const std::string& path) {
    if (schema.type == SchemaType::boolean) {
      if (!value.is_bool()) expected("boolean", value, path);
    } else if (is_number(schema.type)) {
      if (!value.is_number()) expected("numeric (int or float)", value, path);
    } else if (schema.type == SchemaType::quantity || schema.type == SchemaType::int_or_string) {
      if (!value.is_number() && !value.is_string()) expected("string", value, path);
    } else if (!value.is_string()) {
      expected("string", value, path);
    }
  }
};

// Whether two items of a keyed list or a set are the same one.
bool same_item(const Schema& list, const json::Value& a, const json::Value& b) {
  if (list.list_type == ListType::set) return a == b;
  return std::all_of(list.list_map_keys.begin(), list.list_map_keys.end(), [&](const std::string& key) {
    const json::Value* left = json::find(a, key);
    const json::Value* right = json::find(b, key);
    // Ports that do not name their protocol are those of
    // TCP, the only key with a default.
    auto text = [&](const json::Value* value) {
      return value ? json::write(*value) : key == "protocol" ? std::string("\"TCP\"") : std::string();
    };
    return text(left) == text(right);
  });
}

void merge(const Schema* schema, json::Value& into, const json::Value& applied);

void merge_list(const Schema& schema, json::Array& into, const json::Array& applied) {
  for (const json::Value& item : applied) {
    auto known = std::find_if(into.begin(), into.end(),
                              [&](const json::Value& present) { return same_item(schema, present, item); });
    if (known == into.end())
      into.push_back(item);
    else
      merge(schema.items, *known, item);
  }
}

void merge(const Schema* schema, json::Value& into, const json::Value& applied) {
  const bool keyed = schema && schema->type == SchemaType::list && schema->list_type != ListType::atomic;
  if (into.is_object() && applied.is_object()) {
    json::Object& object = into.get_object();
    for (const auto& member : applied.get_object()) {
      auto known = object.find(member.key());
      if (known == object.end())
        object.emplace(member.key(), member.value());
      else
        merge(member_schema(schema, member.key()), known->value(), member.value());
    }
  } else if (keyed && into.is_array() && applied.is_array()) {
    merge_list(*schema, into.get_array(), applied.get_array());
  } else {
    into = applied;
  }
}

}  // namespace

Result<json::Value> apply_configuration(const kube::Schema& schema, const json::Value& object,
                                        json::Value configuration) {
  for (std::string_view key : {"apiVersion", "kind"})
    if (const json::Value* value = json::find(object, key)) configuration.get_object()[key] = *value;
  Check check;
  check.walk(&schema, configuration, "");
  if (!check.complaints.empty()) {
    std::string text = check.complaints.size() == 1 ? check.complaints.front() : "errors:";
    if (check.complaints.size() > 1)
      for (const std::string& complaint : check.complaints) text += "\n  " + complaint;
    return fail("failed to convert patch object to typed object: " + text);
  }
  if (!check.atomics.empty()) {
    std::string text;
    for (const std::string& path : check.atomics) text += (text.empty() ? "" : ", ") + path;
    return fail(
        "invalid ApplyConfiguration: may not mutate atomic arrays, "
        "maps or structs: " +
        text);
  }
  json::Value merged(object, object.storage());
  merge(&schema, merged, configuration);
  return merged;
}

}  // namespace gatepost::admission
