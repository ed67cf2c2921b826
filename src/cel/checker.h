// The type checker: gives every expression its type and overloads, and finds undeclared names, wrong arguments and
// wrong fields, with cel-go's texts.
#pragma once

#include "cel/ast.h"
#include "cel/declarations.h"

namespace gatepost::cel {

struct CheckOptions {
  // Kubernetes' choice: elements of one list literal share a type, and so do keys and values of a map literal.
  enum class Literals : std::uint8_t { Mixed, Homogeneous } literals = Literals::Homogeneous;
};

// Writes types, overloads and full names into the AST.
void check(Ast& ast, const Declarations& declarations, const CheckOptions& options, Issues& issues);

}  // namespace gatepost::cel
