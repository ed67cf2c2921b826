// string.format as Kubernetes has it: the first version of the string extension's formatting, with American digit
// groups and typographic exponents, and containers printed as literals.
#pragma once

#include <string>

#include "base/result.h"
#include "cel/value.h"

namespace gatepost::cel {

// One clause, the letter behind the percent sign. The error has no prefix.
Result<std::string> early_clause_text(char clause, int precision, const Value& value);

}  // namespace gatepost::cel
