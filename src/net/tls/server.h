// TLS as a server: one context for a certificate and its key, shared by all connections.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "net/stream.h"

namespace gatepost::net::tls {

enum class ClientCertificate { none, request, require };

struct ServerConfig {
  std::string certificate_pem;  // chain, leaf first
  std::string key_pem;
  ClientCertificate client_certificate = ClientCertificate::none;  // request: taken when offered, judged by the caller
  std::vector<std::string> alpn = {"http/1.1"};
  int min_version = 0x0303, max_version = 0x0304;  // TLS versions as on the wire; 0x0301 for TLS 1.0 (fault backends)
};

class ServerContext;  // shared by connections; immutable

NetResult<std::shared_ptr<ServerContext>> make_server_context(ServerConfig config);

// What the handshake showed of the client.
struct ClientInfo {
  std::vector<std::string> certificates;  // DER, leaf first, as the client sent them
  std::string protocol;                   // agreed on by ALPN; empty: none
};

// Shakes hands over `under`. `seen`, if not null, must live until the task ends.
Task<NetResult<std::unique_ptr<ByteStream>>> accept(std::unique_ptr<ByteStream> under,
                                                    std::shared_ptr<ServerContext> context, ClientInfo* seen = nullptr);

}  // namespace gatepost::net::tls
