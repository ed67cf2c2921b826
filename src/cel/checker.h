// The type checker: gives every expression its type and overloads, and finds undeclared names, wrong arguments and
// wrong fields, with cel-go's texts.
#pragma once

#include "cel/ast.h"
#include "cel/declarations.h"

namespace gatepost::cel {

// Writes types, overloads and full names into the AST.
void check(Ast& ast, const Declarations& declarations, Issues& issues);

}  // namespace gatepost::cel
