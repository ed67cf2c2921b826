// Patterns: RE2 with the syntax of Go's regexp.
#pragma once

#include <string>
#include <string_view>

namespace gatepost::cel {

// Go's spelling of a pattern -> RE2's.
std::string to_re2_text(std::string_view pattern);

// Empty if the pattern is good; else Go's `error parsing regexp: ...`.
std::string regex_problem(std::string_view pattern);

}  // namespace gatepost::cel
