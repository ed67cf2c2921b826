// Names that somebody may have meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gatepost::diagnose {

// At most three of `names`, the most alike first; none that differ in more than a third of their letters.
std::vector<std::string> nearest(std::string_view wanted, const std::vector<std::string>& names);

}  // namespace gatepost::diagnose
