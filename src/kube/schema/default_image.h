// Which tag an image reference asks for, by the grammar of container image references.
#pragma once

#include <string_view>

namespace gatepost::kube {

// True when the reference is well formed and means the tag "latest": written so, or neither tag nor digest.
bool asks_for_latest(std::string_view image);

}  // namespace gatepost::kube
