// Where an etcd is: "etcd://HOST:PORT[,HOST:PORT...]".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gatepost::storage::etcd {

inline constexpr std::string_view kScheme = "etcd://";

// The endpoints, as host:port. The error is one line that names what is wrong.
Result<std::vector<std::string>> parse_address(std::string_view address);

}  // namespace gatepost::storage::etcd
