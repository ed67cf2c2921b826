// Warning headers (RFC 7234, `299 - "text"`), as kube-apiserver writes and limits them.
#pragma once

#include <string>
#include <vector>

#include "net/http/message.h"

namespace gatepost::apiserver {

// Duplicates are left out; a long text is cut to 256 characters once all together exceed 4096 bytes.
void add_warnings(const std::vector<std::string>& warnings, net::http::Headers& headers);

}  // namespace gatepost::apiserver
