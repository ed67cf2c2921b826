// Macros: calls that become other expressions while the tree is built. Which there are, an environment decides.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cel/ast.h"

namespace gatepost::cel {

// The variable that comprehensions build their result in; no expression can name it.
inline constexpr std::string_view kAccumulator = "@result";

struct MacroCall {
  Ast& ast;
  std::int32_t offset;  // of the call
  Expr* target;         // null for a global call
  std::span<Expr* const> args;
  std::string error{};  // set: the call is wrong
  std::int32_t error_offset = -1;

  Expr* fail_at(const Expr* where, std::string text) {
    error = std::move(text);
    error_offset = where->offset;
    return nullptr;
  }
};

struct Macro {
  std::string name;
  int arguments = 0;  // -1: any number
  bool receiver = false;
  // Null without an error: not this macro after all, the call stays.
  Expr* (*expand)(MacroCall& call) = nullptr;
};

using Macros = std::vector<Macro>;

// has, all, exists, exists_one (existsOne), map, filter.
const Macros& standard_macros();
// optMap, optFlatMap.
const Macros& optional_macros();
// all, exists, existsOne, transformList, transformMap, transformMapEntry with two variables.
const Macros& two_variable_macros();
// cel.bind.
const Macros& bindings_macros();

}  // namespace gatepost::cel
