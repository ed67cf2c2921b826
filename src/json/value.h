// JSON values. A document is a Boost.JSON tree in an Arena that lives for one request: building it allocates from one
// buffer, dropping it costs nothing. Integers stay int64 (uint64 where larger), other numbers double; objects keep the
// order of their keys.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/fwd.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <string_view>

namespace gatepost::json {

using Value = boost::json::value;
using Object = boost::json::object;
using Array = boost::json::array;
using String = boost::json::string;
using Kind = boost::json::kind;
using Storage = boost::json::storage_ptr;  // a pointer to the memory a value is built in; values hold it

// Memory for the values of one request. It must outlive every value built in it, unless the value was copied out.
Storage make_arena(std::size_t first_block = 4096);

// Lookups that need no error path: null pointer or an empty/default value when the path is not there or of another
// type.
const Value* find(const Value& value, std::string_view key);
const Value* find_path(const Value& value, std::initializer_list<std::string_view> keys);
std::string_view string_at(const Value& value, std::initializer_list<std::string_view> keys);
bool bool_at(const Value& value, std::initializer_list<std::string_view> keys, bool otherwise = false);
std::int64_t int_at(const Value& value, std::initializer_list<std::string_view> keys, std::int64_t otherwise = 0);
const Object* object_at(const Value& value, std::initializer_list<std::string_view> keys);
const Array* array_at(const Value& value, std::initializer_list<std::string_view> keys);

// As ==, and fast where the members of the objects come in the same order, as they do in two states of one object.
bool equal(const Value& left, const Value& right);

inline std::string_view view(const String& s) {
  return {s.data(), s.size()};
}

}  // namespace gatepost::json
