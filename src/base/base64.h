// Standard base64 (RFC 4648 section 4) as Go's encoding/base64.StdEncoding and RawURLEncoding.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace gatepost::base64 {

std::string encode(std::string_view bytes);

// The error is Go's: "illegal base64 data at input byte 3". Line breaks are skipped, as Go does.
Result<std::string> decode(std::string_view text);

// URL alphabet without padding: continue tokens.
std::string encode_url(std::string_view bytes);
Result<std::string> decode_url(std::string_view text);

}  // namespace gatepost::base64
