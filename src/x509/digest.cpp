#include "x509/digest.h"

#include <openssl/evp.h>

#include "x509/text.h"

namespace gatepost::x509 {

std::string sha256_hex(std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_sha256(), nullptr);
  return hex({reinterpret_cast<const char*>(digest), size});
}

}  // namespace gatepost::x509
