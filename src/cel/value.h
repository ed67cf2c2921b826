// Values of evaluation: 24 bytes, copied freely. What does not fit lives in the evaluation's arena, in the program's
// constants or in the caller's JSON, which lists and maps view without copying. A value is valid as long as those are.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "cel/arena.h"
#include "cel/types.h"
#include "json/value.h"

namespace gatepost::cel {

enum class ValueKind : std::uint8_t {
  Error,
  Null,
  Bool,
  Int,
  Uint,
  Double,
  String,
  Bytes,
  Timestamp,
  Duration,
  Type,
  List,
  Map,
  Struct,
  Optional,
  Host
};

struct Value;

// A map built by an expression; insertion order. Above eight entries it carries an index by hash.
struct MapData {
  const Value* keys = nullptr;
  const Value* values = nullptr;
  std::uint32_t size = 0;
  std::uint32_t index_mask = 0;
  const std::uint32_t* index = nullptr;  // slot -> entry + 1
  const Type* type = nullptr;            // of a Struct
};

// A list that grows while a comprehension builds it.
struct ListBuilder {
  Value* items = nullptr;
  std::uint32_t size = 0;
  std::uint32_t capacity = 0;
};

// What a library brings as values of an opaque type: URL, quantity, IP ... Lives in the arena.
class HostObject {
 public:
  virtual ~HostObject() = default;
  virtual const Type* type() const = 0;
  virtual bool equals(const HostObject& other) const = 0;
  virtual std::string text() const = 0;  // for people
};

// The declared type of a JSON object or array whose shape is known (CRD rules); see declarations.h.
struct SchemaType;

enum class Form : std::uint8_t { Native, Json, Builder };

struct Value {
  ValueKind kind = ValueKind::Null;
  Form form = Form::Native;  // of lists and maps
  std::int32_t nanos = 0;    // of timestamps
  union {
    bool boolean;
    std::int64_t integer;  // also nanoseconds of a duration, seconds of a timestamp
    std::uint64_t unsigned_integer;
    double real;
    const char* chars;      // String, Bytes, Error
    const Type* described;  // Type
    const Value* items;     // List; Optional (null: none)
    const ListBuilder* builder;
    const MapData* map;  // Map, Struct
    const json::Array* json_array;
    const json::Object* json_object;
    const HostObject* host;
  };
  union {
    std::uint64_t size;        // of chars and items
    const SchemaType* schema;  // of JSON
  };

  Value() : integer(0), size(0) {}

  static Value null() { return {}; }
  static Value of_bool(bool v) {
    Value out(ValueKind::Bool);
    out.boolean = v;
    return out;
  }
  static Value of_int(std::int64_t v) {
    Value out(ValueKind::Int);
    out.integer = v;
    return out;
  }
  static Value of_uint(std::uint64_t v) {
    Value out(ValueKind::Uint);
    out.unsigned_integer = v;
    return out;
  }
  static Value of_double(double v) {
    Value out(ValueKind::Double);
    out.real = v;
    return out;
  }
  // The characters are not copied.
  static Value of_string(std::string_view v) { return of_chars(ValueKind::String, v); }
  static Value of_bytes(std::string_view v) { return of_chars(ValueKind::Bytes, v); }
  static Value of_duration(std::int64_t nanoseconds) {
    Value out(ValueKind::Duration);
    out.integer = nanoseconds;
    return out;
  }
  static Value of_timestamp(std::int64_t seconds, std::int32_t nanoseconds) {
    Value out(ValueKind::Timestamp);
    out.integer = seconds;
    out.nanos = nanoseconds;
    return out;
  }
  static Value of_type(const Type* v) {
    Value out(ValueKind::Type);
    out.described = v;
    return out;
  }
  static Value of_list(std::span<const Value> items) {
    Value out(ValueKind::List);
    out.items = items.data();
    out.size = items.size();
    return out;
  }
  static Value of_map(const MapData* v) {
    Value out(v->type != nullptr ? ValueKind::Struct : ValueKind::Map);
    out.map = v;
    return out;
  }
  static Value of_optional(const Value* v) {
    Value out(ValueKind::Optional);
    out.items = v;
    return out;
  }
  static Value of_host(const HostObject* v) {
    Value out(ValueKind::Host);
    out.host = v;
    return out;
  }
  // A constant text, or one that lives in the arena.
  static Value error(std::string_view text) { return of_chars(ValueKind::Error, text); }
  static Value error(Arena& arena, std::string_view text) { return error(arena.copy(text)); }
  // JSON as CEL sees it; arrays and objects are viewed. Integers beyond int64 are doubles, as Kubernetes reads them.
  static Value of_json(const json::Value& v, const SchemaType* schema = nullptr);

  bool is(ValueKind k) const { return kind == k; }
  bool is_error() const { return kind == ValueKind::Error; }
  bool is_true() const { return kind == ValueKind::Bool && boolean; }
  std::string_view text() const { return {chars, size}; }

 private:
  explicit Value(ValueKind k) : kind(k), integer(0), size(0) {}
  static Value of_chars(ValueKind k, std::string_view v) {
    Value out(k);
    out.chars = v.data();
    out.size = v.size();
    return out;
  }
};
static_assert(sizeof(Value) == 24);

Value no_such_overload();
Value no_such_key(Arena& arena, const Value& key);

const Type* type_of(const Value& value);

std::size_t list_size(const Value& list);
Value list_at(const Value& list, std::size_t index);

std::size_t map_size(const Value& map);
// The value under the key, or nothing; numbers of any type find each other.
bool map_find(const Value& map, const Value& key, Value& out);
bool map_find(const Value& map, std::string_view key, Value& out);
// The entry at a place, for iteration.
Value map_key(const Value& map, std::size_t index);
Value map_value(const Value& map, std::size_t index);

// Heterogeneous equality: numbers by value, everything else by type and content.
bool equal(const Value& a, const Value& b);
enum class Order { Less, Equal, Greater, Unordered, Incomparable };
Order compare(const Value& a, const Value& b);

// Builds a map; the last use of a key must be its first (false: the key is there already).
class MapBuilder {
 public:
  MapBuilder(Arena& arena, std::size_t most);
  bool add(const Value& key, const Value& value);
  bool contains(const Value& key) const;
  // Adds, or replaces the value of a key that is there.
  void put(const Value& key, const Value& value);
  Value finish(const Type* struct_type = nullptr);

 private:
  Arena& arena_;
  Value* keys_;
  Value* values_;
  MapData* data_;
  std::uint32_t* index_ = nullptr;
};

std::uint64_t hash_key(const Value& key);

// For people and tests: `{"a": [1, 2u]}`.
std::string debug_text(const Value& value);

}  // namespace gatepost::cel
