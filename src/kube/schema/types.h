// The Go types of the built-in kinds as compact tables, made once from data/kubernetes-1.36/openapi-v2-facts.json and
// data/go-types.txt: what decoding, strategic merge, apply and OpenAPI need to know of a field.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"
#include "kube/registry/registry.h"

namespace gatepost::kube {

enum class SchemaType {
  any,        // no structure: RawExtension, JSON, FieldsV1
  structure,  // known fields
  map,        // string keys, values of `items`
  list,       // of `items`
  text,
  bytes,  // base64 on the wire
  int32,
  int64,
  number,
  boolean,
  quantity,
  time,  // RFC 3339, whole seconds
  micro_time,
  int_or_string,
};

// What SchemaType::any is in Go.
enum class AnyForm {
  raw,             // RawExtension, FieldsV1: kept as it came
  json,            // apiextensions' JSON: through Go's generic values, keys sorted
  schema_or_bool,  // apiextensions' JSONSchemaPropsOrBool and its kin: `items` is JSONSchemaProps
  schema_or_list,
  schema_or_texts,
};

enum class ListType { atomic, set, map };

struct Schema;

// What Go prints of a field that nothing was decoded into.
enum class Unset { left_out, null, zero };  // zero: of its type, such as "" or {}

struct Field {
  std::string name;
  const Schema* schema = nullptr;
  bool required = false;
  // Of Go's struct:
  std::size_t position = 0;  // among the struct's fields, below most_fields; those Go does not have come last
  bool pointer = false;
  bool omit_empty = false;
  bool omit_zero = false;
  Unset unset = Unset::left_out;
  const json::Value* stated_default = nullptr;  // of a custom resource's schema; null: none
  std::string go_path;  // as Go's errors name it: "VolumeSource.hostPath" of a field of an embedded struct
  // The protobuf field number, after those of the embedded messages on the way; empty for none.
  std::vector<std::uint32_t> numbers;
};

// No struct has more; sets of its fields fit a word.
constexpr std::size_t most_fields = 64;

struct Schema {
  SchemaType type = SchemaType::any;
  std::string go_name;                    // of a named type: "PodSpec", "Protocol"; "v1.PodSpec" is go_type()
  std::string go_package;                 // "v1"
  std::string definition;                 // "io.k8s.api.core.v1.PodSpec"; empty for inline types
  std::vector<Field> fields;              // of a structure, sorted by name
  std::uint64_t always = 0;               // positions of those that Go prints even unset
  std::vector<std::uint8_t> by_position;  // indices into fields
  std::vector<std::uint8_t> by_hash;      // 1 + indices into fields, 0 for none: open addressing, a power of two long
  const Schema* items = nullptr;          // of a list or map
  std::string go_key = "string";          // of a map: "v1.ResourceName"
  AnyForm form = AnyForm::raw;
  ListType list_type = ListType::atomic;
  std::vector<std::string> list_map_keys;
  bool atomic_map = false;                    // x-kubernetes-map-type: atomic
  std::string patch_merge_key;                // of a list
  std::vector<std::string> patch_strategies;  // "merge", "replace", "retainKeys"
  std::vector<std::string> enumeration;       // allowed texts

  const Field* field(std::string_view name) const;
  // As Go prints the type: "string", "int32", "[]v1.Container", "map[string]string", "v1.PodSpec", "v1.Protocol".
  std::string go_type() const;
};

// The structure of a kind (objects, lists, options), or null.
const Schema* schema_of(const GroupVersionKind& kind);

// Of the kind and version that the object says it is of, or null.
const Schema* schema_of(const json::Value& object);

// By the definition's name, or null.
const Schema* schema_definition(std::string_view definition);

}  // namespace gatepost::kube
