#include "cel/unify.h"

namespace gatepost::cel {

namespace {

bool less_or_equally_specific(const Type* a, const Type* b) {
  if (a->is_dyn() || a->kind == TypeKind::Param) return true;
  if (b->is_dyn() || b->kind == TypeKind::Param || a->kind != b->kind) return false;
  switch (a->kind) {
    case TypeKind::Opaque:
    case TypeKind::List:
    case TypeKind::Map:
      if (a->name != b->name || a->params.size() != b->params.size()) return false;
      for (std::size_t i = 0; i < a->params.size(); ++i)
        if (!less_or_equally_specific(a->params[i], b->params[i])) return false;
      return true;
    case TypeKind::Type:
      return true;
    default:
      return same_type(*a, *b);
  }
}

bool takes_null(const Type* type) {
  switch (type->kind) {
    case TypeKind::Opaque:
    case TypeKind::Struct:
    case TypeKind::Any:
    case TypeKind::Duration:
    case TypeKind::Timestamp:
    case TypeKind::Null:
      return true;
    default:
      return type->nullable;
  }
}

}  // namespace

const Type* Unifier::most_general(const Type* a, const Type* b) {
  if (b->kind == TypeKind::Null && takes_null(a)) return a;

  return less_or_equally_specific(a, b) ? a : b;
}

bool Unifier::assignable(const Type* wanted, const Type* given) {
  Bindings trial = bindings_;
  if (!fits(trial, wanted, given)) return false;
  bindings_ = std::move(trial);
  return true;
}

bool Unifier::assignable_all(std::span<const Type* const> a, std::span<const Type* const> b) {
  Bindings trial = bindings_;
  if (!fits_all(trial, a, b)) return false;
  bindings_ = std::move(trial);
  return true;
}

bool Unifier::fits_all(Bindings& bindings, std::span<const Type* const> a, std::span<const Type* const> b) const {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!fits(bindings, a[i], b[i])) return false;
  return true;
}

bool Unifier::fits(Bindings& bindings, const Type* a, const Type* b) const {
  bool was_bound = false;
  if (b->kind == TypeKind::Param) {
    if (bind(bindings, a, b, was_bound)) return true;
    if (was_bound) return false;
  }
  if (a->kind == TypeKind::Param) return bind(bindings, b, a, was_bound);
  if (a->is_dyn() || b->is_dyn() || a->kind == TypeKind::Error || b->kind == TypeKind::Error) return true;
  if (a->kind == TypeKind::Null) return takes_null(b);
  if (b->kind == TypeKind::Null) return takes_null(a);
  if (a->kind != b->kind) return false;
  switch (a->kind) {
    case TypeKind::Type:
      return true;
    case TypeKind::Opaque:
    case TypeKind::List:
    case TypeKind::Map:
      return a->name == b->name && fits_all(bindings, a->params, b->params);
    case TypeKind::Struct:
      return a->name == b->name;
    default:
      return !a->nullable || b->nullable;
  }
}

bool Unifier::bind(Bindings& bindings, const Type* type, const Type* param, bool& was_bound) const {
  if (same_type(*type, *param)) {
    was_bound = true;
    return true;
  }
  const auto found = bindings.find(param->name);
  if (found != bindings.end()) {
    was_bound = true;
    const Type* bound = found->second;
    if (same_type(*type, *bound)) return true;
    if (!fits(bindings, type, bound)) return false;
    const Type* general = most_general(type, bound);
    if (free_of(bindings, param, general)) bindings[param->name] = general;
    return true;
  }
  if (!free_of(bindings, param, type)) return false;
  bindings[param->name] = type;
  return true;
}

bool Unifier::free_of(const Bindings& bindings, const Type* param, const Type* type) {
  if (same_type(*param, *type)) return false;
  if (type->kind == TypeKind::Param) {
    const auto found = bindings.find(type->name);
    return found == bindings.end() || free_of(bindings, param, found->second);
  }
  for (const Type* inner : type->params)
    if (!free_of(bindings, param, inner)) return false;
  return true;
}

const Type* Unifier::substitute(const Type* type, Open open) {
  if (type->kind == TypeKind::Param) {
    const auto found = bindings_.find(type->name);
    if (found != bindings_.end()) return substitute(found->second, open);
    return open == Open::ToDyn ? dyn_type() : type;
  }
  if (type->params.empty()) return type;
  std::vector<const Type*> params;
  bool changed = false;
  for (const Type* inner : type->params) {
    params.push_back(substitute(inner, open));
    changed = changed || params.back() != inner;
  }
  if (!changed) return type;
  switch (type->kind) {
    case TypeKind::List:
      return pool_.list(params[0]);
    case TypeKind::Map:
      return pool_.map(params[0], params[1]);
    case TypeKind::Type:
      return pool_.type_of(params[0]);
    default:
      return pool_.opaque(type->name, std::move(params));
  }
}

const Type* Unifier::fresh() {
  return pool_.param("_var" + std::to_string(next_++));
}

const Type* Unifier::rename(const Type* type, const Renaming& names) {
  if (type->kind == TypeKind::Param) {
    const auto found = names.find(type->name);
    return found != names.end() ? found->second : type;
  }
  if (type->params.empty()) return type;
  std::vector<const Type*> params;
  for (const Type* inner : type->params) params.push_back(rename(inner, names));
  switch (type->kind) {
    case TypeKind::List:
      return pool_.list(params[0]);
    case TypeKind::Map:
      return pool_.map(params[0], params[1]);
    case TypeKind::Type:
      return pool_.type_of(params[0]);
    default:
      return pool_.opaque(type->name, std::move(params));
  }
}

}  // namespace gatepost::cel
