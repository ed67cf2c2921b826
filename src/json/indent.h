// Indents compact JSON for people: two spaces a level, as json.MarshalIndent does.
#pragma once

#include <string>
#include <string_view>

namespace gatepost::json {

// `compact` must be valid JSON without white space outside strings.
std::string indent(std::string_view compact);

}  // namespace gatepost::json
