// TLS as a client, over any stream, with the verdicts and error texts of Go's crypto/tls and crypto/x509. Certificates
// are judged by x509::verify, not by OpenSSL.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/stream.h"

namespace gatepost::x509 {
class Pool;
}

namespace gatepost::net::tls {

enum class Verify { yes, no };

// Trust and identity of a client. Cheap to copy: what is costly is made once by prepare() and shared.
struct ClientConfig {
  std::shared_ptr<const x509::Pool> roots;  // null: the system's trust
  std::string server_name;  // SNI (unless an IP address) and the name to verify; empty: the host dialled
  Verify verify = Verify::yes;
  std::string certificate_pem, key_pem;  // client certificate, when the server asks for one; empty: none
  std::vector<std::string> alpn = {"http/1.1"};
  std::shared_ptr<void> prepared;  // the OpenSSL context, filled by prepare()
};

// Makes the OpenSSL context. Fails when certificate_pem and key_pem are unusable.
NetResult<void> prepare(ClientConfig& config);

// What a finished handshake showed.
struct PeerInfo {
  std::vector<std::string> certificates;  // DER, leaf first, as sent
  std::string protocol;                   // "TLSv1.3"
  std::string alpn;
};

// Shakes hands over `under`, which it then owns. `host` is what was dialled (used when config.server_name is empty).
// The certificates the peer sent are put into `seen` even when they are judged invalid.
Task<NetResult<std::unique_ptr<ByteStream>>> connect(std::unique_ptr<ByteStream> under, ClientConfig config,
                                                     std::string host, PeerInfo* seen = nullptr);

}  // namespace gatepost::net::tls
