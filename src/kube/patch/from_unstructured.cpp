#include "kube/patch/from_unstructured.h"

#include <algorithm>
#include <cmath>

#include "base/base64.h"
#include "formats/go_time.h"
#include "formats/quantity.h"
#include "json/write.h"
#include "kube/patch/go_print.h"
#include "kube/schema/types.h"

namespace gatepost::kube {
namespace {

// reflect.Kind of a value of decoded JSON.
std::string_view kind_of(const json::Value& value) {
  switch (value.kind()) {
    case json::Kind::string:
      return "string";
    case json::Kind::bool_:
      return "bool";
    case json::Kind::object:
      return "map";
    case json::Kind::array:
      return "slice";
    case json::Kind::double_:
      return "float64";
    default:
      return "int64";
  }
}

Result<void> from(json::Value& value, const Schema& schema);

Result<void> cannot_convert(const json::Value& value, const Schema& schema) {
  return fail("cannot convert " + std::string(kind_of(value)) + " to " + schema.go_type());
}
Result<void> unrecognized(std::string_view go_kind) {
  return fail("unrecognized type: " + std::string(go_kind));
}
// What the JSON decoder says to a type's own UnmarshalJSON.
Result<void> cannot_unmarshal(const json::Value& value, std::string_view go_type) {
  return fail("json: cannot unmarshal " + json_type_name(value) + " into Go value of type " + std::string(go_type));
}

// Go converts an int64 to a string type (as a code point) but JSON may not; other kinds do not convert at all.
Result<void> to_text(const json::Value& value, const Schema& schema) {
  if (value.is_string()) return {};
  return value.is_int64() ? cannot_convert(value, schema) : unrecognized("string");
}

Result<void> to_integer(json::Value& value, const Schema& schema, bool is_32_bits) {
  if (value.is_double()) {
    if (value.get_double() != std::trunc(value.get_double())) return cannot_convert(value, schema);
    value = static_cast<std::int64_t>(value.get_double());
  }
  if (!value.is_int64()) return unrecognized(is_32_bits ? "int32" : "int64");
  if (is_32_bits) value = std::int64_t{static_cast<std::int32_t>(value.get_int64())};
  return {};
}

Result<void> to_bytes(const json::Value& value) {
  if (!value.is_string()) return fail("cannot restore slice from " + std::string(kind_of(value)));
  auto decoded = base64::decode(json::view(value.get_string()));
  return decoded ? Result<void>() : fail("error decoding from json: " + decoded.error().text);
}

Result<void> to_map(json::Value& value, const Schema& schema) {
  if (!value.is_object()) return fail("cannot restore map from " + std::string(kind_of(value)));
  for (auto& member : value.get_object())
    if (auto done = from(member.value(), *schema.items); !done) return done;
  return {};
}

Result<void> to_list(json::Value& value, const Schema& schema) {
  if (!value.is_array()) return fail("cannot restore slice from " + std::string(kind_of(value)));
  for (json::Value& item : value.get_array())
    if (auto done = from(item, *schema.items); !done) return done;
  return {};
}

Result<void> to_structure(json::Value& value, const Schema& schema) {
  if (!value.is_object()) return fail("cannot restore struct from: " + std::string(kind_of(value)));
  json::Object& object = value.get_object();
  std::vector<const Field*> present;
  for (const auto& member : object)
    if (const Field* field = schema.field(member.key())) present.push_back(field);
  std::sort(present.begin(), present.end(), [](const Field* a, const Field* b) { return a->position < b->position; });
  for (const Field* field : present)
    if (auto done = from(object.at(field->name), *field->schema); !done) return done;
  return {};
}

Result<void> to_quantity(const json::Value& value) {
  std::string text = value.is_string() ? std::string(json::view(value.get_string())) : json::write(value);
  auto parsed = formats::Quantity::parse(text);
  return parsed ? Result<void>() : fail(parsed.error().text);
}

Result<void> to_time(const json::Value& value, formats::TimeLayout layout) {
  if (!value.is_string()) return cannot_unmarshal(value, "string");
  auto parsed = formats::parse_time(json::view(value.get_string()), layout);
  return parsed ? Result<void>() : fail(parsed.error().text);
}

Result<void> from(json::Value& value, const Schema& schema) {
  if (value.is_null()) return {};
  switch (schema.type) {
    case SchemaType::structure:
      return to_structure(value, schema);
    case SchemaType::map:
      return to_map(value, schema);
    case SchemaType::list:
      return to_list(value, schema);
    case SchemaType::text:
      return to_text(value, schema);
    case SchemaType::bytes:
      return to_bytes(value);
    case SchemaType::int32:
    case SchemaType::int64:
      return to_integer(value, schema, schema.type == SchemaType::int32);
    case SchemaType::number:
      return value.is_number() ? Result<void>() : unrecognized("float64");
    case SchemaType::boolean:
      return value.is_bool() ? Result<void>() : unrecognized("bool");
    case SchemaType::quantity:
      return to_quantity(value);
    case SchemaType::time:
      return to_time(value, formats::TimeLayout::seconds);
    case SchemaType::micro_time:
      return to_time(value, formats::TimeLayout::micro);
    case SchemaType::int_or_string:
      return value.is_string() || value.is_int64() ? Result<void>() : cannot_unmarshal(value, "int32");
    case SchemaType::any:
      break;
  }
  return {};
}

}  // namespace

Result<void> from_unstructured(json::Value& document, const GroupVersionKind& kind) {
  const Schema* schema = schema_of(kind);
  return schema ? from(document, *schema) : Result<void>();
}

}  // namespace gatepost::kube
