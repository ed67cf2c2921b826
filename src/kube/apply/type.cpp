#include "kube/apply/type.h"

#include <boost/json/value.hpp>

namespace gatepost::kube::apply {
namespace {

struct Zeros {
  json::Value structure = json::Object(), nothing, text = "", number = 0, boolean = false, quantity = "0";
};

const Zeros& zeros() {
  static const Zeros values;
  return values;
}

const json::Value* zero_of(const Schema& schema) {
  switch (schema.type) {
    case SchemaType::structure:
      return &zeros().structure;
    case SchemaType::text:
      return &zeros().text;
    case SchemaType::int32:
    case SchemaType::int64:
    case SchemaType::number:
    case SchemaType::int_or_string:
      return &zeros().number;
    case SchemaType::boolean:
      return &zeros().boolean;
    case SchemaType::quantity:
      return &zeros().quantity;
    case SchemaType::any:
    case SchemaType::map:
    case SchemaType::list:
    case SchemaType::bytes:
    case SchemaType::time:
    case SchemaType::micro_time:
      break;
  }
  return &zeros().nothing;
}

bool is_go_struct(SchemaType type) {
  return type == SchemaType::structure || type == SchemaType::quantity || type == SchemaType::time ||
         type == SchemaType::micro_time || type == SchemaType::int_or_string;
}

// Keys with a default of their own in the OpenAPI schemas; all others have none or the zero value.
struct KeyDefault {
  std::string_view definition, key;
  json::Value value;
};

const std::vector<KeyDefault>& key_defaults() {
  static const std::vector<KeyDefault> rows = {
      {"io.k8s.api.core.v1.ContainerPort", "protocol", "TCP"},
      {"io.k8s.api.core.v1.ServicePort", "protocol", "TCP"},
      {"io.k8s.api.core.v1.LocalObjectReference", "name", ""},
  };
  return rows;
}

}  // namespace

Type type_of(const Schema* schema) {
  if (!schema) return {};
  if (schema->definition == "io.k8s.apimachinery.pkg.runtime.RawExtension") return {Type::Kind::opaque, nullptr};
  // An IntOrString has no type in OpenAPI.
  if (schema->type == SchemaType::any || schema->type == SchemaType::int_or_string)
    return {Type::Kind::deduced, nullptr};
  return {Type::Kind::typed, schema};
}

Form form_of(const Type& type, const json::Value& value) {
  if (type.kind == Type::Kind::typed) {
    SchemaType is = type.schema->type;
    if (is == SchemaType::structure || is == SchemaType::map) return Form::map;
    return is == SchemaType::list ? Form::list : Form::scalar;
  }
  if (value.is_object() || value.is_null()) return Form::map;
  return value.is_array() ? Form::list : Form::scalar;
}

bool is_atomic(const Type& type, Form form) {
  switch (type.kind) {
    case Type::Kind::typed:
      return form == Form::list ? type.schema->list_type == ListType::atomic : type.schema->atomic_map;
    case Type::Kind::deduced:
      return form == Form::list;
    case Type::Kind::opaque:
    case Type::Kind::none:
      break;
  }
  return true;
}

const Field* field_of(const Type& type, std::string_view name) {
  if (type.kind != Type::Kind::typed || type.schema->type != SchemaType::structure) return nullptr;
  return type.schema->field(name);
}

Type member_type(const Type& type, const Field* field) {
  if (type.kind != Type::Kind::typed) return type;
  if (field) return type_of(field->schema);
  // Of a map the values; of a structure what its schema says of fields that it does not name.
  const bool has_others = type.schema->type == SchemaType::map || type.schema->type == SchemaType::structure;
  return has_others ? type_of(type.schema->items) : Type();
}

Type item_type(const Type& type) {
  if (type.kind == Type::Kind::deduced) return {Type::Kind::opaque, nullptr};
  return type.kind == Type::Kind::typed ? type_of(type.schema->items) : type;
}

const json::Value* implied(const Field& field) {
  const Schema& schema = *field.schema;
  if (field.omit_zero) return nullptr;
  // omitempty leaves out no Go structs.
  if (field.omit_empty && (field.pointer || !is_go_struct(schema.type))) return nullptr;
  return field.pointer ? &zeros().nothing : zero_of(schema);
}

const json::Value* key_default(const Schema& item, std::string_view key) {
  for (const KeyDefault& row : key_defaults())
    if (row.definition == item.definition && row.key == key) return &row.value;
  const Field* field = item.field(key);
  if (field && field->stated_default) return field->stated_default;
  bool always_there = field && !field->pointer && !field->omit_empty && !field->omit_zero;
  return always_there ? zero_of(*field->schema) : nullptr;
}

}  // namespace gatepost::kube::apply
