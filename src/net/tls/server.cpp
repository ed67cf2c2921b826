#include "net/tls/server.h"

#include <algorithm>
#include <boost/asio/this_coro.hpp>

#include "net/tls/context.h"
#include "net/tls/tls_stream.h"

namespace gatepost::net::tls {

class ServerContext {
 public:
  SslContext context;
  std::vector<std::string> alpn;
};

namespace {

constexpr std::string_view plain_http_answer =
    "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";

std::vector<std::uint16_t> uint16_list(const unsigned char* bytes, std::size_t size) {
  std::vector<std::uint16_t> values;
  for (std::size_t i = 0; i + 1 < size; i += 2) {
    values.push_back(static_cast<std::uint16_t>(bytes[i] << 8 | bytes[i + 1]));
  }
  return values;
}

// Notes what the client offers, for error texts.
int on_hello(SSL* ssl, int*, void*) {
  Offer& offer = Engine::of(ssl).offer();
  const unsigned char* bytes = nullptr;
  std::size_t size = SSL_client_hello_get0_ciphers(ssl, &bytes);
  offer.suites = uint16_list(bytes, size);
  if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_supported_versions, &bytes, &size) == 1 && size > 1) {
    offer.versions = uint16_list(bytes + 1, size - 1);
  }
  return SSL_CLIENT_HELLO_SUCCESS;
}

// Ours in our order. A client without any of ours is refused, except one of HTTP/1.1 at a server of h2 alone, which
// goes on without a protocol, as at Go's servers.
int on_protocols(SSL* ssl, const unsigned char** chosen, unsigned char* chosen_size, const unsigned char* offered,
                 unsigned offered_size, void* argument) {
  const auto& ours = *static_cast<const std::vector<std::string>*>(argument);
  auto& theirs = Engine::of(ssl).offer().protocols;
  theirs.clear();
  for (unsigned at = 0; at < offered_size; at += offered[at] + 1u) {
    theirs.emplace_back(reinterpret_cast<const char*>(offered) + at + 1, offered[at]);
  }
  for (const auto& protocol : ours) {
    for (unsigned at = 0; at < offered_size; at += offered[at] + 1u) {
      const std::string_view one(reinterpret_cast<const char*>(offered) + at + 1, offered[at]);
      if (one != protocol) continue;
      *chosen = offered + at + 1;
      *chosen_size = offered[at];
      return SSL_TLSEXT_ERR_OK;
    }
  }
  const auto has = [](const std::vector<std::string>& list, std::string_view name) {
    return std::find(list.begin(), list.end(), name) != list.end();
  };
  if (ours.empty() || (has(ours, "h2") && has(theirs, "http/1.1"))) return SSL_TLSEXT_ERR_NOACK;
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

int verify_mode(ClientCertificate wanted) {
  switch (wanted) {
    case ClientCertificate::none:
      return SSL_VERIFY_NONE;
    case ClientCertificate::request:
      return SSL_VERIFY_PEER;
    case ClientCertificate::require:
      return SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  }
  return SSL_VERIFY_NONE;
}

}  // namespace

NetResult<std::shared_ptr<ServerContext>> make_server_context(ServerConfig config) {
  auto made = std::make_shared<ServerContext>();
  made->context = make_context(Role::server, {config.min_version, config.max_version});
  made->alpn = std::move(config.alpn);
  SSL_CTX* raw = made->context.get();
  // Old versions need what the defaults leave out: a fault backend speaks them on purpose.
  if (config.min_version < TLS1_2_VERSION) SSL_CTX_set_cipher_list(raw, "ALL:@SECLEVEL=0");
  if (auto used = use_identity(raw, config.certificate_pem, config.key_pem); !used) return fail_with(used.error());
  SSL_CTX_set_verify(raw, verify_mode(config.client_certificate), nullptr);
  SSL_CTX_set_client_hello_cb(raw, on_hello, nullptr);
  SSL_CTX_set_alpn_select_cb(raw, on_protocols, &made->alpn);
  return made;
}

Task<NetResult<std::unique_ptr<ByteStream>>> accept(std::unique_ptr<ByteStream> under,
                                                    std::shared_ptr<ServerContext> context, ClientInfo* seen) {
  Engine::Judge on_certificates = [seen](std::vector<std::string> certificates) -> NetResult<void> {
    if (seen) seen->certificates = std::move(certificates);
    return {};
  };
  auto executor = co_await boost::asio::this_coro::executor;
  auto stream = std::make_unique<TlsStream>(std::move(under), context->context.get(), Role::server,
                                            std::move(on_certificates), executor);
  auto shaken = co_await stream->handshake();
  if (!shaken && stream->engine().sniff().looks_like_http_request()) {
    co_await stream->under().write(plain_http_answer);
    co_return net_fail(ErrorKind::tls_protocol, "client sent an HTTP request to an HTTPS server");
  }
  if (!shaken) co_return fail_with(shaken.error());
  if (seen) {
    const unsigned char* protocol = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(stream->engine().ssl(), &protocol, &size);
    if (size > 0) seen->protocol.assign(reinterpret_cast<const char*>(protocol), size);
  }
  co_return std::unique_ptr<ByteStream>(std::move(stream));
}

}  // namespace gatepost::net::tls
