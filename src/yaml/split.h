// The documents of a file of manifests, split at lines that start with "---" as kubectl does, so that one that is
// broken does not hide the others.
#pragma once

#include <string_view>
#include <vector>

#include "yaml/tree.h"

namespace gatepost::yaml {

struct Part {
  std::string_view text;  // of the file's text
  Mark origin;            // where it starts; for ReadOptions
};

// Parts that hold only comments and blanks are left out.
std::vector<Part> split(std::string_view text);

}  // namespace gatepost::yaml
