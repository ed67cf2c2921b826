// How a text is written as a YAML scalar: as go-yaml v2 does it, whose output kube-apiserver's is. A text that a reader
// would take for something else (a number, a boolean, a time) stands in double quotes, one that YAML's grammar does not
// allow plain in single ones, one of several lines as a literal block; long lines are folded behind column 80.
#pragma once

#include <string>
#include <string_view>

namespace gatepost::yaml {

enum class Place { value, key };

// Appends to `out`. Lines that the scalar continues on are indented by `indent` spaces. A key stays on its line.
void write_scalar(std::string_view text, std::size_t indent, Place place, std::string& out);

// Whether a key of this text needs "? " before it and ": " on the next line.
bool is_long_key(std::string_view text);

}  // namespace gatepost::yaml
