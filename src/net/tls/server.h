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

// Shakes hands over `under`. `client_certificates`: DER, leaf first, as the client sent them.
Task<NetResult<std::unique_ptr<ByteStream>>> accept(std::unique_ptr<ByteStream> under,
                                                    std::shared_ptr<ServerContext> context,
                                                    std::vector<std::string>* client_certificates = nullptr);

}  // namespace gatepost::net::tls
