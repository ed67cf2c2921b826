#include "x509/openssl.h"

#include <openssl/crypto.h>

namespace gatepost::x509 {

void prepare_openssl() {
  OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
}

}  // namespace gatepost::x509
