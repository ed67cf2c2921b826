#include "admission/policy/value_json.h"

#include <cmath>

#include "base/base64.h"
#include "cel/time_text.h"

namespace gatepost::admission {
namespace {

using cel::ValueKind;

constexpr std::int64_t largest_safe = (std::int64_t{1} << 53) - 1;

// Bounds the recursion, not the size: that is bounded by the cost of the
// expression.
constexpr int deepest = 256;

class Printer {
 public:
  Printer(LargeIntegers large, const json::Storage& storage) : large_(large), storage_(storage) {}

  Result<json::Value> print(const cel::Value& value, int depth = 0) const {
    if (depth > deepest) return fail("the value is nested too deeply");
    switch (value.kind) {
      case ValueKind::Null:
        return json::Value(nullptr, storage_);
      case ValueKind::Bool:
        return json::Value(value.boolean, storage_);
      case ValueKind::Int:
        if (large_ == LargeIntegers::texts && (value.integer > largest_safe || value.integer < -largest_safe))
          return text(std::to_string(value.integer));
        return json::Value(value.integer, storage_);
      case ValueKind::Uint:
        if (large_ == LargeIntegers::texts && value.unsigned_integer > static_cast<std::uint64_t>(largest_safe))
          return text(std::to_string(value.unsigned_integer));
        return json::Value(value.unsigned_integer, storage_);
      case ValueKind::Double:
        return number(value.real);
      case ValueKind::String:
        return text(value.text());
      case ValueKind::Bytes:
        return text(base64::encode(value.text()));
      case ValueKind::Timestamp:
        return text(cel::timestamp_text(value));
      case ValueKind::Duration:
        return text(cel::duration_seconds_text(value.integer));
      case ValueKind::Optional:
        if (value.items == nullptr) return json::Value(nullptr, storage_);
        return print(*value.items, depth + 1);
      case ValueKind::List:
        return list(value, depth);
      case ValueKind::Map:
      case ValueKind::Struct:
        return map(value, depth);
      default:
        return fail("type conversion error from '" + cel::type_of(value)->name + "' to 'google.protobuf.Value'");
    }
  }

 private:
  json::Value text(std::string_view value) const { return json::Value(value, storage_); }

  // Whole numbers are printed without a fraction, as Go does.
  json::Value number(double value) const {
    if (std::isnan(value)) return text("NaN");
    if (std::isinf(value)) return text(value > 0 ? "Infinity" : "-Infinity");
    constexpr double most = 1e15;
    if (value == std::trunc(value) && std::abs(value) < most)
      return json::Value(static_cast<std::int64_t>(value), storage_);
    return json::Value(value, storage_);
  }

  Result<json::Value> list(const cel::Value& value, int depth) const {
    if (value.form == cel::Form::Json && large_ == LargeIntegers::numbers)
      return json::Value(*value.json_array, storage_);
    json::Array out(storage_);
    const std::size_t size = cel::list_size(value);
    out.reserve(size);
    for (std::size_t i = 0; i < size; ++i) {
      auto item = print(cel::list_at(value, i), depth + 1);
      if (!item) return item;
      out.push_back(std::move(*item));
    }
    return json::Value(std::move(out), storage_);
  }

  Result<json::Value> map(const cel::Value& value, int depth) const {
    if (value.form == cel::Form::Json && large_ == LargeIntegers::numbers)
      return json::Value(*value.json_object, storage_);
    json::Object out(storage_);
    const std::size_t size = cel::map_size(value);
    for (std::size_t i = 0; i < size; ++i) {
      auto key = key_text(cel::map_key(value, i));
      if (!key) return fail_with(std::move(key.error()));
      auto item = print(cel::map_value(value, i), depth + 1);
      if (!item) return item;
      out.emplace(*key, std::move(*item));
    }
    return json::Value(std::move(out), storage_);
  }

  static Result<std::string> key_text(const cel::Value& key) {
    if (key.is(ValueKind::String)) return std::string(key.text());
    if (key.is(ValueKind::Int)) return std::to_string(key.integer);
    if (key.is(ValueKind::Uint)) return std::to_string(key.unsigned_integer);
    if (key.is(ValueKind::Bool)) return std::string(key.boolean ? "true" : "false");
    return fail("a key of type " + cel::type_of(key)->name + " is no JSON");
  }

  LargeIntegers large_;
  json::Storage storage_;
};

void check_names(const cel::Value& value, const std::string& path, int depth, std::string& complaints) {
  if (depth > deepest) return;
  if (value.is(ValueKind::List)) {
    for (std::size_t i = 0; i < cel::list_size(value); ++i)
      check_names(cel::list_at(value, i), path, depth + 1, complaints);
    return;
  }
  if (!value.is(ValueKind::Map) && !value.is(ValueKind::Struct)) return;
  const bool object = value.is(ValueKind::Struct);
  if (object && value.map->type->name != path) {
    if (!complaints.empty()) complaints.push_back('\n');
    complaints += "unexpected type name \"" + value.map->type->name + "\", expected \"" + path +
                  "\", which matches field name path from root Object type";
  }
  if (value.form == cel::Form::Json) return;  // plain values all the way down
  for (std::size_t i = 0; i < cel::map_size(value); ++i) {
    const cel::Value key = cel::map_key(value, i);
    const bool step = object && key.is(ValueKind::String);
    check_names(cel::map_value(value, i), step ? path + "." + std::string(key.text()) : path, depth + 1, complaints);
  }
}

}  // namespace

Result<json::Value> json_of(const cel::Value& value, LargeIntegers large, const json::Storage& storage) {
  return Printer(large, storage).print(value);
}

std::string misnamed_objects(const cel::Value& object) {
  std::string complaints;
  if (object.is(ValueKind::Struct)) check_names(object, cel::type_of(object)->name, 0, complaints);
  return complaints;
}

}  // namespace gatepost::admission
