// What client and server contexts of OpenSSL share: the suites, groups and signatures of Go's defaults, no session
// cache, identities from PEM.
#pragma once

#include <memory>
#include <openssl/ssl.h>
#include <string>
#include <string_view>
#include <vector>

#include "net/error.h"
#include "net/tls/record_sniff.h"
#include "x509/openssl.h"

namespace gatepost::net::tls {

using SslContext = std::unique_ptr<SSL_CTX, x509::OpensslFree<SSL_CTX_free>>;

struct VersionRange {
  int min = TLS1_2_VERSION, max = TLS1_3_VERSION;
};

SslContext make_context(Role role, VersionRange versions);

// Loads a chain and its key. The error is that of Go's tls.X509KeyPair: "tls: private key does not match public key".
NetResult<void> use_identity(SSL_CTX* context, std::string_view certificate_pem, std::string_view key_pem);

// Each name with its length before it, as on the wire. Names that are empty or longer than 255 bytes are left out.
std::string alpn_wire(const std::vector<std::string>& names);

}  // namespace gatepost::net::tls
