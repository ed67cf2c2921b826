// string.format: `%s %d %f %e %b %x %X %o %%`, with a precision.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "cel/value.h"

namespace gatepost::cel {

// Bounded: a precision above 1000 digits is refused.
// Early: as the string extension's versions below 4 print, which Kubernetes has.
enum class FormatRules { Early, Current };
Result<std::string> format_text(std::string_view format, const Value& args, FormatRules rules);

// A value as %s prints it; fails for values that have no text.
Result<std::string> plain_text(const Value& value);

}  // namespace gatepost::cel
