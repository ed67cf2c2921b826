// Percent-encoding in the parts of a URL: which bytes stand for themselves where (net/url's encoding table).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace gatepost::net::url {

enum class Part { path, path_segment, host, zone, user_password, query_component, fragment };

bool should_escape(char c, Part part);
std::string escape(std::string_view text, Part part);
// The error's text: `invalid URL escape "%zz"` or `invalid character " " in host name`.
Result<std::string> unescape(std::string_view text, Part part);

}  // namespace gatepost::net::url
