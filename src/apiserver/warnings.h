// Warning headers (RFC 7234, `299 - "text"`), as kube-apiserver writes and limits them.
#pragma once

#include <string>
#include <vector>

#include "net/http/message.h"

namespace gatepost::apiserver {

// Duplicates and texts with control characters are left out; each is cut to 256 characters once all together exceed
// 4096.
void add_warnings(const std::vector<std::string>& warnings, net::http::Headers& headers);

}  // namespace gatepost::apiserver
