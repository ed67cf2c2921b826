#include "json/arena.h"

#include <boost/json/monotonic_resource.hpp>

namespace gatepost::json {

struct Arena::Resource {
  explicit Resource(std::size_t first_block) : memory(first_block) {}
  boost::json::monotonic_resource memory;
};

Arena::Arena(std::size_t first_block) : resource_(std::make_unique<Resource>(first_block)) {}
Arena::~Arena() = default;

Storage Arena::storage() const {
  return &resource_->memory;
}

}  // namespace gatepost::json
