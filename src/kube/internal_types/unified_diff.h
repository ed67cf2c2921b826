// Unified diffs as Python's difflib and its Go port find them: the longest common block first, then what lies left and
// right of it, with lines that make up more than a hundredth of a long text left out of the search. A shorter edit
// script may exist; the texts must be the same, not the shortest.
#pragma once

#include <span>
#include <string>

namespace gatepost::kube {

// Lines carry their line ends. Three lines of context, no file header; empty when nothing differs. The time is
// quadratic in the number of lines at worst.
std::string unified_diff(std::span<const std::string> before, std::span<const std::string> now);

}  // namespace gatepost::kube
