// Type inference: which types fit which, with type parameters bound on the way.
#pragma once

#include <map>
#include <span>
#include <string>

#include "cel/types.h"

namespace gatepost::cel {

class Unifier {
 public:
  explicit Unifier(TypePool& pool) : pool_(pool) {}

  // True if a value of type `given` may stand where `wanted` is asked for; binds parameters only then.
  bool assignable(const Type* wanted, const Type* given);
  bool assignable_all(std::span<const Type* const> a, std::span<const Type* const> b);

  enum class Open { Keep, ToDyn };
  // The type with bound parameters put in; parameters still open stay or become dyn.
  const Type* substitute(const Type* type, Open open);
  const Type* fresh();

  static const Type* most_general(const Type* a, const Type* b);

  // Parameters of a declaration, renamed for one call.
  using Renaming = std::map<std::string, const Type*, std::less<>>;
  const Type* rename(const Type* type, const Renaming& names);

 private:
  using Bindings = std::map<std::string, const Type*, std::less<>>;
  bool fits(Bindings& bindings, const Type* a, const Type* b) const;
  bool fits_all(Bindings& bindings, std::span<const Type* const> a, std::span<const Type* const> b) const;
  bool bind(Bindings& bindings, const Type* type, const Type* param, bool& was_bound) const;
  static bool free_of(const Bindings& bindings, const Type* param, const Type* type);

  TypePool& pool_;
  Bindings bindings_;
  int next_ = 0;
};

}  // namespace gatepost::cel
