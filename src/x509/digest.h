// Digests of bytes, for checksums.
#pragma once

#include <string>
#include <string_view>

namespace gatepost::x509 {

std::string sha256_hex(std::string_view bytes);  // 64 hexadecimal digits

}  // namespace gatepost::x509
