// ListOptions of a list or watch: read from the query and judged as kube-apiserver judges them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "apiserver/call.h"

namespace gatepost::apiserver {

struct ListOptions {
  std::string resource_version;        // as given
  storage::Revision revision = 0;      // of it; 0: none
  std::string resource_version_match;  // "", Exact, NotOlderThan
  std::size_t limit = 0;               // 0: all
  std::string continue_token;
  bool bookmarks = false;
  std::optional<bool> send_initial_events;
  std::uint64_t timeout_seconds = 0;  // 0: not said
};

enum class Listing { list, watch };
kube::ApiResult<ListOptions> read_list_options(const Call& call, Listing what);

// The `resourceVersion` of a read: nothing may be read of what is yet to come.
kube::ApiResult<void> check_read_version(const Call& call);

// The refusal of a version that is not there yet.
kube::Status too_large_version(storage::Revision wanted, storage::Revision current);

}  // namespace gatepost::apiserver
