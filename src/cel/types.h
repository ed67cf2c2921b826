// CEL's types. A type is an immutable tree; simple types are shared constants, composed ones live in a TypePool.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatepost::cel {

enum class TypeKind : std::uint8_t {
  Dyn,
  Any,
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
  Type,    // params: the type described, or none
  List,    // params: element
  Map,     // params: key, value
  Opaque,  // named, with params: optional_type, and what libraries bring
  Struct,  // named object type with fields
  Param    // a type parameter of a declaration, or a type still to be inferred
};

struct Type {
  TypeKind kind = TypeKind::Dyn;
  bool nullable = false;  // the wrapper types: int or null
  std::string name;       // of the type's value: "int", "google.protobuf.Timestamp", "kubernetes.URL"
  std::vector<const Type*> params;

  bool is_dyn() const { return kind == TypeKind::Dyn || kind == TypeKind::Any; }
  bool is_optional() const;
};

bool same_type(const Type& a, const Type& b);

// As error texts name it: "map(string, dyn)", "timestamp", "wrapper(int)".
std::string format_type(const Type& type);
// As cel-go's types print themselves: "null_type", "google.protobuf.Timestamp", "list(int)".
std::string declared_name(const Type& type);
// "(int, string)", "string.(int)" where the first is the receiver.
std::string format_signature(std::span<const Type* const> arguments, bool receiver);

// Shared simple types.
const Type* simple_type(TypeKind kind);
inline const Type* dyn_type() {
  return simple_type(TypeKind::Dyn);
}
inline const Type* error_type() {
  return simple_type(TypeKind::Error);
}
inline const Type* bool_type() {
  return simple_type(TypeKind::Bool);
}
inline const Type* int_type() {
  return simple_type(TypeKind::Int);
}
inline const Type* uint_type() {
  return simple_type(TypeKind::Uint);
}
inline const Type* double_type() {
  return simple_type(TypeKind::Double);
}
inline const Type* string_type() {
  return simple_type(TypeKind::String);
}
inline const Type* bytes_type() {
  return simple_type(TypeKind::Bytes);
}
inline const Type* null_type() {
  return simple_type(TypeKind::Null);
}
inline const Type* timestamp_type() {
  return simple_type(TypeKind::Timestamp);
}
inline const Type* duration_type() {
  return simple_type(TypeKind::Duration);
}
// list(dyn), map(dyn, dyn), type, optional_type(dyn): what values say of themselves.
inline const Type* any_list_type() {
  return simple_type(TypeKind::List);
}
inline const Type* any_map_type() {
  return simple_type(TypeKind::Map);
}
inline const Type* type_type() {
  return simple_type(TypeKind::Type);
}
const Type* any_optional_type();

// Owns composed types; they live as long as it does.
class TypePool {
 public:
  const Type* list(const Type* element);
  const Type* map(const Type* key, const Type* value);
  const Type* type_of(const Type* described);
  const Type* optional(const Type* value) { return opaque("optional_type", {value}); }
  const Type* opaque(std::string_view name, std::vector<const Type*> params = {});
  const Type* object(std::string_view name);
  const Type* param(std::string_view name);
  const Type* nullable(const Type* primitive);
  // A copy of a type that lives elsewhere.
  const Type* adopt(const Type& type);

 private:
  const Type* add(Type type) { return &types_.emplace_back(std::move(type)); }
  std::deque<Type> types_;
};

}  // namespace gatepost::cel
