// Checks after the types are known: literal durations, timestamps and patterns must be good, lists and maps of one
// type, format strings must fit their arguments. Kubernetes asks for all of them.
#pragma once

#include "cel/ast.h"
#include "cel/declarations.h"

namespace gatepost::cel {

void validate_literals(const Ast& ast, Issues& issues);

}  // namespace gatepost::cel
