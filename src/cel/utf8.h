// Text as code points: what indexes of strings count.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace gatepost::cel {

bool is_utf8(std::string_view text);

// Bytes of the code point that starts at `at`; 1 for a byte that is no UTF-8.
std::size_t code_point_length(std::string_view text, std::size_t at);

// Byte offsets of every code point, and of the end.
std::vector<std::size_t> code_point_offsets(std::string_view text);

}  // namespace gatepost::cel
