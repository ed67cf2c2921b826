#include "json/value.h"

#include <boost/json/monotonic_resource.hpp>

namespace gatepost::json {

Storage make_arena(std::size_t first_block) {
  return boost::json::make_shared_resource<boost::json::monotonic_resource>(first_block);
}

const Value* find(const Value& value, std::string_view key) {
  const Object* object = value.if_object();
  return object ? object->if_contains(key) : nullptr;
}

const Value* find_path(const Value& value, std::initializer_list<std::string_view> keys) {
  const Value* at = &value;
  for (std::string_view key : keys) {
    at = find(*at, key);
    if (!at) return nullptr;
  }
  return at;
}

std::string_view string_at(const Value& value, std::initializer_list<std::string_view> keys) {
  const Value* at = find_path(value, keys);
  return at && at->is_string() ? view(at->get_string()) : std::string_view{};
}

bool bool_at(const Value& value, std::initializer_list<std::string_view> keys, bool otherwise) {
  const Value* at = find_path(value, keys);
  return at && at->is_bool() ? at->get_bool() : otherwise;
}

std::int64_t int_at(const Value& value, std::initializer_list<std::string_view> keys, std::int64_t otherwise) {
  const Value* at = find_path(value, keys);
  return at && at->is_int64() ? at->get_int64() : otherwise;
}

const Object* object_at(const Value& value, std::initializer_list<std::string_view> keys) {
  const Value* at = find_path(value, keys);
  return at ? at->if_object() : nullptr;
}

const Array* array_at(const Value& value, std::initializer_list<std::string_view> keys) {
  const Value* at = find_path(value, keys);
  return at ? at->if_array() : nullptr;
}

}  // namespace gatepost::json
