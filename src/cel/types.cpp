#include "cel/types.h"

#include <array>

namespace gatepost::cel {

namespace {

constexpr std::array<std::string_view, 18> kNames{"dyn",
                                                  "google.protobuf.Any",
                                                  "!error!",
                                                  "null_type",
                                                  "bool",
                                                  "int",
                                                  "uint",
                                                  "double",
                                                  "string",
                                                  "bytes",
                                                  "google.protobuf.Timestamp",
                                                  "google.protobuf.Duration",
                                                  "type",
                                                  "list",
                                                  "map",
                                                  "opaque",
                                                  "object",
                                                  "param"};

std::array<Type, 18> make_simple_types() {
  std::array<Type, 18> out;
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = Type{static_cast<TypeKind>(i), false, std::string(kNames[i]), {}};
  return out;
}

const std::array<Type, 18>& simple_types() {
  static const std::array<Type, 18> types = [] {
    static const Type dyn{TypeKind::Dyn, false, "dyn", {}};
    std::array<Type, 18> out = make_simple_types();
    out[static_cast<std::size_t>(TypeKind::List)].params = {&dyn};
    out[static_cast<std::size_t>(TypeKind::Map)].params = {&dyn, &dyn};
    return out;
  }();
  return types;
}

}  // namespace

bool Type::is_optional() const {
  return kind == TypeKind::Opaque && name == "optional_type";
}

const Type* simple_type(TypeKind kind) {
  return &simple_types()[static_cast<std::size_t>(kind)];
}

const Type* any_optional_type() {
  static const Type type{TypeKind::Opaque, false, "optional_type", {dyn_type()}};
  return &type;
}

bool same_type(const Type& a, const Type& b) {
  if (&a == &b) return true;
  if (a.kind != b.kind || a.nullable != b.nullable || a.params.size() != b.params.size() || a.name != b.name)
    return false;
  for (std::size_t i = 0; i < a.params.size(); ++i)
    if (!same_type(*a.params[i], *b.params[i])) return false;
  return true;
}

std::string declared_name(const Type& type) {
  std::string out = type.nullable ? "wrapper(" + type.name + ")" : type.name;
  if (type.params.empty()) return out;
  out += '(';
  for (const Type* const& param : type.params) {
    if (&param != type.params.data()) out += ", ";
    out += declared_name(*param);
  }
  return out + ")";
}

std::string format_type(const Type& type) {
  if (type.nullable) return "wrapper(" + type.name + ")";
  switch (type.kind) {
    case TypeKind::Any:
      return "any";
    case TypeKind::Duration:
      return "duration";
    case TypeKind::Timestamp:
      return "timestamp";
    case TypeKind::Null:
      return "null";
    default:
      break;
  }
  std::string out = type.name;
  if (type.params.empty()) return out;
  out += '(';
  for (std::size_t i = 0; i < type.params.size(); ++i) {
    if (i > 0) out += ", ";
    out += format_type(*type.params[i]);
  }
  return out + ")";
}

std::string format_signature(std::span<const Type* const> arguments, bool receiver) {
  std::string out;
  if (receiver) {
    out = format_type(*arguments[0]) + ".";
    arguments = arguments.subspan(1);
  }
  out += '(';
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (i > 0) out += ", ";
    out += format_type(*arguments[i]);
  }
  return out + ")";
}

const Type* TypePool::list(const Type* element) {
  return add({TypeKind::List, false, "list", {element}});
}
const Type* TypePool::map(const Type* key, const Type* value) {
  return add({TypeKind::Map, false, "map", {key, value}});
}
const Type* TypePool::type_of(const Type* described) {
  return add({TypeKind::Type, false, "type", {described}});
}
const Type* TypePool::opaque(std::string_view name, std::vector<const Type*> params) {
  return add({TypeKind::Opaque, false, std::string(name), std::move(params)});
}
const Type* TypePool::object(std::string_view name) {
  return add({TypeKind::Struct, false, std::string(name), {}});
}
const Type* TypePool::param(std::string_view name) {
  return add({TypeKind::Param, false, std::string(name), {}});
}
const Type* TypePool::adopt(const Type& type) {
  Type copy = type;
  for (const Type*& param : copy.params) param = adopt(*param);
  return add(std::move(copy));
}

const Type* TypePool::nullable(const Type* primitive) {
  return add({primitive->kind, true, primitive->name, {}});
}

}  // namespace gatepost::cel
