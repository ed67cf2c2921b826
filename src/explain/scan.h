// Finds, at the speed of memory, where a log may speak of a webhook call: the positions of a few words, 16 or 32 bytes
// at a step, each confirmed by what stands around it. Most lines of a log are never looked at twice.
#pragma once

#include <cstddef>
#include <string_view>

namespace gatepost::explain {

inline constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

// The first position at or behind `from` of a word that an error of grammar.h or an audit event of a failed-open call
// has.
std::size_t find_candidate(std::string_view block, std::size_t from);

}  // namespace gatepost::explain
