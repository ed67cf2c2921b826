#include "json/value.h"

#include <algorithm>
#include <boost/json/monotonic_resource.hpp>

namespace gatepost::json {

Storage make_arena(std::size_t first_block) {
  return boost::json::make_shared_resource<boost::json::monotonic_resource>(first_block);
}

const Value* find(const Value& value, std::string_view key) {
  const Object* object = value.if_object();
  if (!object) return nullptr;
  // A small object has no index: its keys are looked at in order, most of which differ in length already.
  constexpr std::size_t small = 18;
  if (object->size() > small) return object->if_contains(key);
  for (const auto& member : *object)
    if (member.key() == key) return &member.value();
  return nullptr;
}

bool equal(const Value& left, const Value& right) {
  if (left.is_array() && right.is_array())
    return std::equal(left.get_array().begin(), left.get_array().end(), right.get_array().begin(),
                      right.get_array().end(), equal);
  if (!left.is_object() || !right.is_object()) return left == right;
  const Object &here = left.get_object(), &there = right.get_object();
  if (here.size() != there.size()) return false;
  auto at = there.begin();
  for (const auto& member : here) {
    const auto& opposite = *at++;
    const Value* other = opposite.key() == member.key() ? &opposite.value() : there.if_contains(member.key());
    if (!other || !equal(member.value(), *other)) return false;
  }
  return true;
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
