// String and bytes literals as written -> the text they stand for.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace gatepost::cel {

enum class LiteralKind { String, Bytes };

// `text` is the literal with its quotes and prefix r, without the prefix b.
Result<std::string> unescape_literal(std::string_view text, LiteralKind kind);

}  // namespace gatepost::cel
