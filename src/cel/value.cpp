#include "cel/value.h"

#include <algorithm>
#include <bit>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cmath>
#include <limits>

#include "cel/declarations.h"
#include "cel/time_text.h"

namespace gatepost::cel {

namespace {

bool is_number(const Value& v) {
  return v.is(ValueKind::Int) || v.is(ValueKind::Uint) || v.is(ValueKind::Double);
}

template <class T>
Order order(T a, T b) {
  return a < b ? Order::Less : b < a ? Order::Greater : Order::Equal;
}

// Whole numbers against doubles: beyond the range the sign decides, within it the whole number is rounded to a double.
template <class Whole>
Order order_with_double(Whole whole, double real) {
  if (std::isnan(real)) return Order::Unordered;
  constexpr double kLargest = static_cast<double>(std::numeric_limits<Whole>::max());
  if (real > kLargest) return Order::Less;
  if (real < static_cast<double>(std::numeric_limits<Whole>::min())) return Order::Greater;
  return order(static_cast<double>(whole), real);
}

Order flip(Order o) {
  return o == Order::Less ? Order::Greater : o == Order::Greater ? Order::Less : o;
}

Order order_numbers(const Value& a, const Value& b) {
  if (a.is(ValueKind::Double)) {
    if (b.is(ValueKind::Double)) {
      if (std::isnan(a.real) || std::isnan(b.real)) return Order::Unordered;
      return order(a.real, b.real);
    }
    return flip(b.is(ValueKind::Int) ? order_with_double(b.integer, a.real)
                                     : order_with_double(b.unsigned_integer, a.real));
  }
  if (a.is(ValueKind::Int)) {
    if (b.is(ValueKind::Int)) return order(a.integer, b.integer);
    if (b.is(ValueKind::Double)) return order_with_double(a.integer, b.real);
    return a.integer < 0 ? Order::Less : order(static_cast<std::uint64_t>(a.integer), b.unsigned_integer);
  }
  if (b.is(ValueKind::Uint)) return order(a.unsigned_integer, b.unsigned_integer);
  if (b.is(ValueKind::Double)) return order_with_double(a.unsigned_integer, b.real);
  return b.integer < 0 ? Order::Greater : order(a.unsigned_integer, static_cast<std::uint64_t>(b.integer));
}

bool ignores_order(const Value& list) {
  return list.form == Form::Json && list.schema != nullptr && list.schema->list_kind != SchemaType::ListKind::Atomic;
}

bool contains(const Value& list, const Value& item) {
  for (std::size_t i = 0; i < list_size(list); ++i)
    if (equal(list_at(list, i), item)) return true;
  return false;
}

bool equal_lists(const Value& a, const Value& b) {
  const std::size_t size = list_size(a);
  if (size != list_size(b)) return false;
  if (ignores_order(a) || ignores_order(b)) {
    for (std::size_t i = 0; i < size; ++i)
      if (!contains(b, list_at(a, i)) || !contains(a, list_at(b, i))) return false;
    return true;
  }
  for (std::size_t i = 0; i < size; ++i)
    if (!equal(list_at(a, i), list_at(b, i))) return false;
  return true;
}

bool equal_maps(const Value& a, const Value& b) {
  if (map_size(a) != map_size(b)) return false;
  Value other;
  for (std::size_t i = 0; i < map_size(a); ++i)
    if (!map_find(b, map_key(a, i), other) || !equal(map_value(a, i), other)) return false;
  return true;
}

const SchemaType* field_schema(const SchemaType* schema, std::string_view field) {
  if (schema == nullptr) return nullptr;
  if (schema->reading == SchemaType::Reading::Map) return schema->element;
  const auto found = schema->fields.find(field);
  return found == schema->fields.end() ? nullptr : found->second.schema;
}

Value read_with_schema(const json::Value& v, const SchemaType& schema) {
  if (schema.reading == SchemaType::Reading::Double && v.is_int64())
    return Value::of_double(static_cast<double>(v.get_int64()));
  if (!v.is_string()) return Value::of_json(v);
  const std::string_view text = json::view(v.get_string());
  if (schema.reading == SchemaType::Reading::Timestamp) {
    // A date is the beginning of its day.
    const bool date = text.size() == std::string_view("2006-01-02").size();
    if (const auto parsed = date ? parse_timestamp(std::string(text) + "T00:00:00Z") : parse_timestamp(text))
      return *parsed;
  } else if (schema.reading == SchemaType::Reading::Duration) {
    if (const auto parsed = parse_duration(text)) return Value::of_duration(*parsed);
  }
  return Value::of_string(text);
}

std::uint64_t mix(std::uint64_t x) {
  x ^= x >> 33;
  x *= 0xff51afd7ed558ccdULL;
  x ^= x >> 33;
  return x;
}

constexpr std::size_t kIndexedAbove = 8;

}  // namespace

Value Value::of_json(const json::Value& v, const SchemaType* schema) {
  switch (v.kind()) {
    case json::Kind::null:
      return null();
    case json::Kind::bool_:
      return of_bool(v.get_bool());
    case json::Kind::int64:
      if (schema != nullptr && schema->reading == SchemaType::Reading::Double)
        return of_double(static_cast<double>(v.get_int64()));
      return of_int(v.get_int64());
    case json::Kind::uint64:
      return of_double(static_cast<double>(v.get_uint64()));
    case json::Kind::double_:
      return of_double(v.get_double());
    case json::Kind::string:
      if (schema != nullptr && schema->reading != SchemaType::Reading::Dynamic) return read_with_schema(v, *schema);
      return of_string(json::view(v.get_string()));
    case json::Kind::array: {
      Value out(ValueKind::List);
      out.form = Form::Json;
      out.json_array = &v.get_array();
      out.schema = schema != nullptr && schema->reading == SchemaType::Reading::List ? schema : nullptr;
      return out;
    }
    case json::Kind::object: {
      Value out(ValueKind::Map);
      out.form = Form::Json;
      out.json_object = &v.get_object();
      const bool known = schema != nullptr && (schema->reading == SchemaType::Reading::Object ||
                                               schema->reading == SchemaType::Reading::Map);
      out.schema = known ? schema : nullptr;
      return out;
    }
  }
  return null();
}

Value no_such_overload() {
  return Value::error("no such overload");
}

Value no_such_key(Arena& arena, const Value& key) {
  return Value::error(arena, "no such key: " + (key.is(ValueKind::String) ? std::string(key.text()) : debug_text(key)));
}

const Type* type_of(const Value& value) {
  switch (value.kind) {
    case ValueKind::Error:
      return error_type();
    case ValueKind::Null:
      return null_type();
    case ValueKind::Bool:
      return bool_type();
    case ValueKind::Int:
      return int_type();
    case ValueKind::Uint:
      return uint_type();
    case ValueKind::Double:
      return double_type();
    case ValueKind::String:
      return string_type();
    case ValueKind::Bytes:
      return bytes_type();
    case ValueKind::Timestamp:
      return timestamp_type();
    case ValueKind::Duration:
      return duration_type();
    case ValueKind::Type:
      return type_type();
    case ValueKind::List:
      return any_list_type();
    case ValueKind::Map:
      if (value.form == Form::Json && value.schema != nullptr && value.schema->type != nullptr &&
          value.schema->type->kind == TypeKind::Struct)
        return value.schema->type;
      return any_map_type();
    case ValueKind::Struct:
      return value.map->type;
    case ValueKind::Optional:
      return any_optional_type();
    case ValueKind::Host:
      return value.host->type();
  }
  return dyn_type();
}

std::size_t list_size(const Value& list) {
  switch (list.form) {
    case Form::Native:
      return list.size;
    case Form::Json:
      return list.json_array->size();
    case Form::Builder:
      return list.builder->size;
  }
  return 0;
}

Value list_at(const Value& list, std::size_t index) {
  switch (list.form) {
    case Form::Native:
      return list.items[index];
    case Form::Json:
      return Value::of_json((*list.json_array)[index], list.schema != nullptr ? list.schema->element : nullptr);
    case Form::Builder:
      return list.builder->items[index];
  }
  return {};
}

std::size_t map_size(const Value& map) {
  return map.form == Form::Json ? map.json_object->size() : map.map->size;
}

bool map_find(const Value& map, std::string_view key, Value& out) {
  if (map.form != Form::Json) return map_find(map, Value::of_string(key), out);
  const SchemaType* schema = map.schema;
  if (schema != nullptr && schema->reading == SchemaType::Reading::Object) {
    const auto field = schema->fields.find(key);
    if (field == schema->fields.end()) return false;
    const std::string_view name = field->second.json_name.empty() ? key : std::string_view(field->second.json_name);
    const json::Value* found = map.json_object->if_contains(name);
    if (found == nullptr) return false;
    out = Value::of_json(*found, field->second.schema);
    return true;
  }
  const json::Value* found = map.json_object->if_contains(key);
  if (found == nullptr) return false;
  out = Value::of_json(*found, schema != nullptr ? schema->element : nullptr);
  return true;
}

bool map_find(const Value& map, const Value& key, Value& out) {
  if (map.form == Form::Json) return key.is(ValueKind::String) && map_find(map, key.text(), out);
  const MapData& data = *map.map;
  if (data.index == nullptr) {
    for (std::uint32_t i = 0; i < data.size; ++i) {
      if (!equal(data.keys[i], key)) continue;
      out = data.values[i];
      return true;
    }
    return false;
  }
  for (std::uint64_t slot = hash_key(key) & data.index_mask;; slot = (slot + 1) & data.index_mask) {
    const std::uint32_t entry = data.index[slot];
    if (entry == 0) return false;
    if (!equal(data.keys[entry - 1], key)) continue;
    out = data.values[entry - 1];
    return true;
  }
}

Value map_key(const Value& map, std::size_t index) {
  if (map.form != Form::Json) return map.map->keys[index];
  const auto key = (map.json_object->begin() + static_cast<std::ptrdiff_t>(index))->key();
  return Value::of_string({key.data(), key.size()});
}

Value map_value(const Value& map, std::size_t index) {
  if (map.form != Form::Json) return map.map->values[index];
  const auto& entry = *(map.json_object->begin() + static_cast<std::ptrdiff_t>(index));
  return Value::of_json(entry.value(), field_schema(map.schema, {entry.key().data(), entry.key().size()}));
}

bool equal(const Value& a, const Value& b) {
  if (is_number(a) && is_number(b)) return order_numbers(a, b) == Order::Equal;
  if (a.kind != b.kind) return false;
  switch (a.kind) {
    case ValueKind::Null:
      return true;
    case ValueKind::Bool:
      return a.boolean == b.boolean;
    case ValueKind::String:
    case ValueKind::Bytes:
      return a.text() == b.text();
    case ValueKind::Timestamp:
      return a.integer == b.integer && a.nanos == b.nanos;
    case ValueKind::Duration:
      return a.integer == b.integer;
    case ValueKind::Type:
      return a.described->name == b.described->name;
    case ValueKind::List:
      return equal_lists(a, b);
    case ValueKind::Map:
      return equal_maps(a, b);
    case ValueKind::Struct:
      return a.map->type->name == b.map->type->name && equal_maps(a, b);
    case ValueKind::Optional:
      return a.items == nullptr || b.items == nullptr ? a.items == b.items : equal(*a.items, *b.items);
    case ValueKind::Host:
      return a.host->type()->name == b.host->type()->name && a.host->equals(*b.host);
    default:
      return false;
  }
}

Order compare(const Value& a, const Value& b) {
  if (is_number(a) && is_number(b)) return order_numbers(a, b);
  if (a.kind != b.kind) return Order::Incomparable;
  switch (a.kind) {
    case ValueKind::Bool:
      return order(a.boolean, b.boolean);
    case ValueKind::String:
    case ValueKind::Bytes:
      return order(a.text(), b.text());
    case ValueKind::Timestamp:
      return order(std::pair(a.integer, a.nanos), std::pair(b.integer, b.nanos));
    case ValueKind::Duration:
      return order(a.integer, b.integer);
    default:
      return Order::Incomparable;
  }
}

std::uint64_t hash_key(const Value& key) {
  switch (key.kind) {
    case ValueKind::String:
      return mix(std::hash<std::string_view>{}(key.text()));
    case ValueKind::Bool:
      return mix(key.boolean ? 7 : 8);
    case ValueKind::Int:
    case ValueKind::Uint:
      return mix(key.unsigned_integer);
    case ValueKind::Double:
      // Whole doubles must meet the integers they equal.
      if (key.real >= 0 && key.real < 0x1p64) return mix(static_cast<std::uint64_t>(key.real));
      if (key.real < 0 && key.real >= -0x1p63)
        return mix(static_cast<std::uint64_t>(static_cast<std::int64_t>(key.real)));
      return mix(std::bit_cast<std::uint64_t>(key.real));
    default:
      return 0;
  }
}

MapBuilder::MapBuilder(Arena& arena, std::size_t most)
    : arena_(arena), keys_(arena.array<Value>(most)), values_(arena.array<Value>(most)), data_(arena.make<MapData>()) {
  data_->keys = keys_;
  data_->values = values_;
  if (most <= kIndexedAbove) return;
  const std::size_t slots = std::bit_ceil(most * 2);
  index_ = arena_.array<std::uint32_t>(slots);
  std::fill_n(index_, slots, 0u);
  data_->index = index_;
  data_->index_mask = static_cast<std::uint32_t>(slots - 1);
}

bool MapBuilder::contains(const Value& key) const {
  Value unused;
  return map_find(Value::of_map(data_), key, unused);
}

bool MapBuilder::add(const Value& key, const Value& value) {
  if (contains(key)) return false;
  keys_[data_->size] = key;
  values_[data_->size] = value;
  ++data_->size;
  if (index_ == nullptr) return true;
  std::uint64_t slot = hash_key(key) & data_->index_mask;
  while (index_[slot] != 0) slot = (slot + 1) & data_->index_mask;
  index_[slot] = data_->size;
  return true;
}

void MapBuilder::put(const Value& key, const Value& value) {
  for (std::uint32_t i = 0; i < data_->size; ++i) {
    if (!equal(keys_[i], key)) continue;
    values_[i] = value;
    return;
  }
  add(key, value);
}

Value MapBuilder::finish(const Type* struct_type) {
  data_->type = struct_type;
  return Value::of_map(data_);
}

}  // namespace gatepost::cel
