// Takes off what terminals, browsers and chat programs put around an error: colours, HTML entities, CRLF, typographic
// quotes, frames drawn at the end of a line. Linear; the result is never longer than the input.
#pragma once

#include <string>
#include <string_view>

namespace gatepost::explain {

std::string clean(std::string_view text);

}  // namespace gatepost::explain
