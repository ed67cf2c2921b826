// The store that keeps nothing on disk: a write is visible at once.
#pragma once

#include <memory>

#include "storage/storage.h"

namespace gatepost::storage {

std::unique_ptr<Storage> open_memory(std::size_t history);

}  // namespace gatepost::storage
