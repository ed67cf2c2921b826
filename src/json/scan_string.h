// The insides of JSON strings: the fast search for the bytes that need a look, and the slow way through the others.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gatepost::json {

// The first byte from `from` on that ends a plain run when reading: a quote, a backslash, a control character or a byte
// that is not ASCII. text.size() if there is none.
std::size_t end_of_plain_read(std::string_view text, std::size_t from);

// The same when writing: also <, > and &, and of the bytes beyond ASCII those that may need a look.
std::size_t end_of_plain_write(std::string_view text, std::size_t from);

// The length of the valid UTF-8 sequence at `at` (1 to 4), 0 if there is none. Surrogates and overlong forms are
// invalid, as in Go.
std::size_t utf8_length(std::string_view text, std::size_t at);

void append_utf8(char32_t point, std::string& out);

}  // namespace gatepost::json
