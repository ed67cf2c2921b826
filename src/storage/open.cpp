#include "storage/memory.h"
#include "storage/sqlite.h"
#include "storage/storage.h"

namespace gatepost::storage {

Result<std::unique_ptr<Storage>> open(OpenOptions options) {
  if (options.directory == ":memory:") return open_memory(options.history);
  return open_sqlite(options);
}

net::Task<StoreResult<void>> Storage::catch_up(net::SteadyTime) {
  co_return StoreResult<void>{};
}

}  // namespace gatepost::storage
