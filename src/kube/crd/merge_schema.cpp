#include "kube/crd/merge_schema.h"

#include <algorithm>

namespace gatepost::kube::crd {
namespace {

constexpr std::string_view object_meta = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

ListType list_type_of(const Schema& schema) {
  if (schema.list_type == "map") return ListType::map;
  return schema.list_type == "set" ? ListType::set : ListType::atomic;
}

// Nothing is there that the object does not say.
Field field_of(std::string name, const kube::Schema* schema) {
  Field field;
  field.name = std::move(name);
  field.schema = schema;
  field.omit_zero = true;
  return field;
}

}  // namespace

const kube::Schema* MergeSchema::scalar(SchemaType type) {
  kube::Schema& node = nodes_.emplace_back();
  node.type = type;
  return &node;
}

const kube::Schema* MergeSchema::open() {
  return scalar(SchemaType::any);
}

const kube::Schema* MergeSchema::structure(const Schema& schema, bool is_object) {
  kube::Schema& node = nodes_.emplace_back();
  node.type = SchemaType::structure;
  node.atomic_map = schema.map_type == "atomic";
  for (const auto& [name, property] : schema.properties) {
    if (is_object && (name == "metadata" || name == "apiVersion" || name == "kind")) continue;
    Field field = field_of(name, convert(property));
    if (property.default_value) field.stated_default = &*property.default_value;
    node.fields.push_back(std::move(field));
  }
  if (is_object) {
    node.fields.push_back(field_of("apiVersion", scalar(SchemaType::text)));
    node.fields.push_back(field_of("kind", scalar(SchemaType::text)));
    node.fields.push_back(field_of("metadata", schema_definition(object_meta)));
  }
  std::ranges::sort(node.fields, {}, &Field::name);
  if (schema.preserve_unknown || unknown_ == UnknownFields::preserved) node.items = open();
  return &node;
}

const kube::Schema* MergeSchema::convert(const Schema& schema) {
  if (schema.int_or_string) return scalar(SchemaType::int_or_string);
  if (schema.type == "object") {
    if (schema.embedded) return structure(schema, true);
    if (!schema.properties.empty()) return structure(schema, false);
    const kube::Schema* values = schema.additional ? convert(*schema.additional) : open();
    kube::Schema& node = nodes_.emplace_back();
    node.type = SchemaType::map;
    node.items = values;
    node.atomic_map = schema.map_type == "atomic";
    return &node;
  }
  if (schema.type == "array") {
    const kube::Schema* items = schema.items ? convert(*schema.items) : open();
    kube::Schema& node = nodes_.emplace_back();
    node.type = SchemaType::list;
    node.items = items;
    node.list_type = list_type_of(schema);
    node.list_map_keys = schema.list_map_keys;
    return &node;
  }
  if (schema.type == "string") return scalar(SchemaType::text);
  if (schema.type == "integer") return scalar(SchemaType::int64);
  if (schema.type == "number") return scalar(SchemaType::number);
  if (schema.type == "boolean") return scalar(SchemaType::boolean);
  return open();
}

std::unique_ptr<const MergeSchema> MergeSchema::make(const Schema& schema, UnknownFields unknown) {
  auto made = std::make_unique<MergeSchema>();
  made->unknown_ = unknown;
  made->root_ = made->structure(schema, true);
  return made;
}

}  // namespace gatepost::kube::crd
