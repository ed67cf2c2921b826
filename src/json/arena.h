// Arena: memory for JSON values whose life its owner knows, such as one request. Unlike with make_arena() the values do
// not count as owners, so that copying one touches no counter and dropping one does nothing at all. Every value built
// in it must be gone before it is.
#pragma once

#include <cstddef>
#include <memory>

#include "json/value.h"

namespace gatepost::json {

class Arena {
 public:
  explicit Arena(std::size_t first_block = 4096);
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  Storage storage() const;

 private:
  struct Resource;
  std::unique_ptr<Resource> resource_;
};

}  // namespace gatepost::json
