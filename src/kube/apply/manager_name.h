// Names of field managers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gatepost::kube::apply {

constexpr std::size_t longest_manager_name = 128;  // in bytes

// The manager of a request that names none: the user agent up to its first "/", printable characters, cut at
// longest_manager_name.
std::string manager_of_user_agent(std::string_view user_agent);

// "invalid character U+0009 (at position 1)" for each that does not print.
std::vector<std::string> unprintable_characters(std::string_view name);

}  // namespace gatepost::kube::apply
