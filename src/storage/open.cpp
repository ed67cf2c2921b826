#include "storage/memory.h"
#include "storage/storage.h"

namespace gatepost::storage {

Result<std::unique_ptr<Storage>> open(OpenOptions options) {
  if (options.directory == ":memory:") return open_memory(options.history);
  return fail("cannot open the data directory " + options.directory);
}

}  // namespace gatepost::storage
