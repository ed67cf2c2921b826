// The store on disk: state in memory for reads, SQLite behind a commit thread for writes.
#pragma once

#include <memory>
#include <string>

#include "storage/storage.h"

namespace gatepost::storage {

// `vfs`: see SqliteFileOptions.
Result<std::unique_ptr<Storage>> open_sqlite(const OpenOptions& options, std::string vfs = {});

}  // namespace gatepost::storage
