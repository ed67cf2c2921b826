// gzip, for answers and request bodies.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace gatepost::net::http {

// Level 1 to 9; kube-apiserver answers with 1, Go's default is 6.
std::string gzip(std::string_view plain, int level);

// Unpacks at most `most` bytes. The errors are Go's: "gzip: invalid header", "gzip: invalid checksum", "unexpected
// EOF", "flate: corrupt input before offset 12"; more bytes than allowed: "gzip: more than N bytes".
Result<std::string> gunzip(std::string_view packed, std::size_t most);

}  // namespace gatepost::net::http
