#include "cel/ext/well_known.h"

#include <cmath>
#include <limits>

#include "cel/libraries.h"

namespace gatepost::cel {

namespace {

constexpr std::string_view kPackage = "google.protobuf.";
constexpr std::int64_t kNanos = 1'000'000'000;

struct FieldText {
  std::string_view name;
  std::string_view type;
};
struct MessageText {
  std::string_view name;
  std::string_view result;  // the type of the value it becomes
  std::initializer_list<FieldText> fields;
};

Value field(const Value& fields, std::string_view name, const Value& otherwise) {
  Value out;
  return map_find(fields, name, out) ? out : otherwise;
}

template <class Number>
bool fits(std::int64_t value) {
  return value >= std::numeric_limits<Number>::min() && value <= std::numeric_limits<Number>::max();
}

// Numbers of JSON are doubles.
Value as_json(Evaluation& evaluation, const Value& v) {
  switch (v.kind) {
    case ValueKind::Int:
      return Value::of_double(static_cast<double>(v.integer));
    case ValueKind::Uint:
      return Value::of_double(static_cast<double>(v.unsigned_integer));
    case ValueKind::List: {
      Value* items = evaluation.arena.array<Value>(list_size(v));
      for (std::size_t i = 0; i < list_size(v); ++i) items[i] = as_json(evaluation, list_at(v, i));
      return Value::of_list({items, list_size(v)});
    }
    case ValueKind::Map: {
      MapBuilder out(evaluation.arena, map_size(v));
      for (std::size_t i = 0; i < map_size(v); ++i) {
        if (!map_key(v, i).is(ValueKind::String)) return Value::error("bad key type");
        out.add(map_key(v, i), as_json(evaluation, map_value(v, i)));
      }
      return out.finish();
    }
    default:
      return v;
  }
}

Value json_value(Evaluation& evaluation, const Value& fields) {
  Value out;
  for (const char* name : {"number_value", "string_value", "bool_value", "struct_value", "list_value"})
    if (map_find(fields, name, out)) return as_json(evaluation, out);
  return Value::null();
}

}  // namespace

Value well_known_value(Evaluation& evaluation, std::string_view name, const Value& fields) {
  name.remove_prefix(kPackage.size());
  if (name == "Value") return json_value(evaluation, fields);
  if (name == "Struct") return as_json(evaluation, field(fields, "fields", MapBuilder(evaluation.arena, 0).finish()));
  if (name == "ListValue") return as_json(evaluation, field(fields, "values", Value::of_list({})));
  if (name == "BoolValue") return field(fields, "value", Value::of_bool(false));
  if (name == "StringValue") return field(fields, "value", Value::of_string(""));
  if (name == "BytesValue") return field(fields, "value", Value::of_bytes(""));
  if (name == "DoubleValue") return field(fields, "value", Value::of_double(0));
  if (name == "FloatValue")
    return Value::of_double(static_cast<float>(field(fields, "value", Value::of_double(0)).real));
  if (name == "Int64Value") return field(fields, "value", Value::of_int(0));
  if (name == "UInt64Value") return field(fields, "value", Value::of_uint(0));
  if (name == "Int32Value") {
    const Value out = field(fields, "value", Value::of_int(0));
    return fits<std::int32_t>(out.integer) ? out : Value::error("integer overflow");
  }
  if (name == "UInt32Value") {
    const Value out = field(fields, "value", Value::of_uint(0));
    return out.unsigned_integer <= UINT32_MAX ? out : Value::error("unsigned integer overflow");
  }
  const std::int64_t seconds = field(fields, "seconds", Value::of_int(0)).integer;
  const std::int64_t nanos = field(fields, "nanos", Value::of_int(0)).integer;
  if (name == "Timestamp") return Value::of_timestamp(seconds, static_cast<std::int32_t>(nanos));
  std::int64_t total = 0;
  if (__builtin_mul_overflow(seconds, kNanos, &total) || __builtin_add_overflow(total, nanos, &total))
    return Value::error("integer overflow");
  return Value::of_duration(total);
}

void add_well_known_messages(Declarations& to) {
  const MessageText messages[] = {{"BoolValue", "wrapper(bool)", {{"value", "bool"}}},
                                  {"StringValue", "wrapper(string)", {{"value", "string"}}},
                                  {"BytesValue", "wrapper(bytes)", {{"value", "bytes"}}},
                                  {"DoubleValue", "wrapper(double)", {{"value", "double"}}},
                                  {"FloatValue", "wrapper(double)", {{"value", "double"}}},
                                  {"Int32Value", "wrapper(int)", {{"value", "int"}}},
                                  {"Int64Value", "wrapper(int)", {{"value", "int"}}},
                                  {"UInt32Value", "wrapper(uint)", {{"value", "uint"}}},
                                  {"UInt64Value", "wrapper(uint)", {{"value", "uint"}}},
                                  {"Value",
                                   "dyn",
                                   {{"null_value", "dyn"},
                                    {"number_value", "double"},
                                    {"string_value", "string"},
                                    {"bool_value", "bool"},
                                    {"struct_value", "map(string,dyn)"},
                                    {"list_value", "list(dyn)"}}},
                                  {"Struct", "map(string,dyn)", {{"fields", "map(string,dyn)"}}},
                                  {"ListValue", "list(dyn)", {{"values", "list(dyn)"}}},
                                  {"Timestamp", "timestamp", {{"seconds", "int"}, {"nanos", "int"}}},
                                  {"Duration", "duration", {{"seconds", "int"}, {"nanos", "int"}}}};
  for (const MessageText& message : messages) {
    const std::string name = std::string(kPackage) + std::string(message.name);
    SchemaType& schema = to.own_schema();
    schema.reading = SchemaType::Reading::Object;
    schema.type = to.types().object(name);
    for (const FieldText& text : message.fields) {
      SchemaType& of_field = to.own_schema();
      of_field.type = to.type(text.type);
      schema.fields[std::string(text.name)] = {&of_field, ""};
    }
    to.object(name, &schema);
    if (to.find_type_name(name) == nullptr) to.type_name(name, schema.type);
    to.well_known(name, to.type(message.result));
  }
}

}  // namespace gatepost::cel
