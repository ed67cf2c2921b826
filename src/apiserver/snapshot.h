// A collection as it was at an earlier revision: the present state with the changes since then undone, as far back as
// the store keeps its history.
#pragma once

#include "apiserver/call.h"

namespace gatepost::apiserver {

// All objects in key order at `revision`. Error expired: it is too old.
net::Task<storage::StoreResult<std::vector<storage::Object>>> snapshot(storage::Storage& store, std::string collection,
                                                                       std::string ns, storage::Revision revision);

}  // namespace gatepost::apiserver
