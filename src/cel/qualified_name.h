// Dotted names: how an expression may be one, and which full names it may mean in a container.
#pragma once

#include <string>
#include <vector>

#include "cel/ast.h"

namespace gatepost::cel {

// `a.b.c` as a name; false where the expression is something else.
bool qualified_name(const Expr* expr, std::string& name);

// Container a.b and name c: a.b.c, a.c, c. A leading dot asks for the name as it stands.
std::vector<std::string> candidate_names(const std::string& container, const std::string& name);

}  // namespace gatepost::cel
