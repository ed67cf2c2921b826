// Words that Go's runtime and syscall packages use in error texts.
#pragma once

#include <string>
#include <string_view>

#include "net/error.h"

namespace gatepost::net {

// "connection refused" for ECONNREFUSED: syscall.Errno.Error() on Linux.
std::string errno_text(int error);

// The kind an errno of a socket call stands for.
ErrorKind errno_kind(int error);

// strconv.Quote: a Go string literal of `text`, which may hold any bytes (invalid UTF-8 becomes \x escapes).
std::string go_quote(std::string_view text);

}  // namespace gatepost::net
