// Files compiled into the program (cmake/embed.cmake): a name and the bytes, both for as long as the program runs.
#pragma once

#include <string_view>

namespace gatepost::embedded {

struct File {
  std::string_view name;
  std::string_view bytes;  // a NUL byte stands behind the last one, not counted
};

}  // namespace gatepost::embedded
