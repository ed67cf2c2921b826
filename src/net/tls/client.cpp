#include "net/tls/client.h"

#include <boost/asio/this_coro.hpp>

#include "base/time.h"
#include "net/tls/context.h"
#include "net/tls/tls_stream.h"
#include "x509/text.h"
#include "x509/verify.h"

namespace gatepost::net::tls {
namespace {

// Go's limit (crypto/tls.checkKeySize).
constexpr unsigned max_rsa_bits = 8192;

// What prepare() makes of a configuration.
struct Prepared {
  SslContext context;
};

// The name for the server_name extension: no addresses, no trailing dots.
std::string name_to_send(std::string name) {
  std::string_view bare = name;
  if (!bare.empty() && bare.front() == '[' && bare.back() == ']') bare = bare.substr(1, bare.size() - 2);
  if (auto zone = bare.rfind('%'); zone != std::string_view::npos && zone > 0) bare = bare.substr(0, zone);
  if (x509::parse_ip(bare)) return "";
  while (name.ends_with('.')) name.pop_back();
  return name;
}

NetResult<std::vector<x509::CertificatePtr>> parse_all(const std::vector<std::string>& sent) {
  std::vector<x509::CertificatePtr> certificates;
  for (const auto& der : sent) {
    auto certificate = x509::parse_certificate(der);
    if (!certificate) {
      return net_fail(ErrorKind::certificate,
                      "tls: failed to parse certificate from server: " + certificate.error().text);
    }
    if ((*certificate)->key_algorithm == x509::KeyAlgorithm::rsa && (*certificate)->key_bits > max_rsa_bits) {
      return net_fail(ErrorKind::certificate, "tls: server sent certificate containing RSA key larger than " +
                                                  std::to_string(max_rsa_bits) + " bits");
    }
    certificates.push_back(std::move(*certificate));
  }
  return certificates;
}

NetResult<void> judge(const std::vector<std::string>& sent, const ClientConfig& config, const std::string& name) {
  auto certificates = parse_all(sent);
  if (!certificates) return fail_with(certificates.error());
  if (certificates->empty()) return net_fail(ErrorKind::certificate, "tls: received empty certificates message");
  if (config.verify == Verify::no) return {};
  x509::Pool intermediates;
  for (std::size_t i = 1; i < certificates->size(); ++i) intermediates.add((*certificates)[i]);
  const auto roots = config.roots ? config.roots : x509::system_pool();
  auto chains = x509::verify((*certificates)[0], intermediates, *roots, {name, std::chrono::system_clock::now()});
  if (chains) return {};
  return net_fail(ErrorKind::certificate, "tls: failed to verify certificate: " + chains.error().text);
}

}  // namespace

NetResult<void> prepare(ClientConfig& config) {
  auto prepared = std::make_shared<Prepared>(Prepared{make_context(Role::client, {})});
  SSL_CTX* context = prepared->context.get();
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  const std::string protocols = alpn_wire(config.alpn);
  SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(protocols.data()),
                          static_cast<unsigned>(protocols.size()));
  if (!config.certificate_pem.empty() || !config.key_pem.empty()) {
    if (auto used = use_identity(context, config.certificate_pem, config.key_pem); !used) return used;
  }
  config.prepared = std::move(prepared);
  return {};
}

Task<NetResult<std::unique_ptr<ByteStream>>> connect(std::unique_ptr<ByteStream> under, ClientConfig config,
                                                     std::string host, PeerInfo* seen) {
  if (!config.prepared) {
    if (auto made = prepare(config); !made) co_return fail_with(made.error());
  }
  const std::string name = config.server_name.empty() ? host : config.server_name;
  // Lives as long as this coroutine; the handshake is the only one to judge.
  Engine::Judge on_certificates = [&config, &name, seen](std::vector<std::string> certificates) {
    auto verdict = judge(certificates, config, name);
    if (seen) seen->certificates = std::move(certificates);
    return verdict;
  };
  auto executor = co_await boost::asio::this_coro::executor;
  SSL_CTX* context = static_cast<Prepared*>(config.prepared.get())->context.get();
  auto stream =
      std::make_unique<TlsStream>(std::move(under), context, Role::client, std::move(on_certificates), executor);
  SSL* ssl = stream->engine().ssl();
  if (const std::string sent = name_to_send(name); !sent.empty()) SSL_set_tlsext_host_name(ssl, sent.c_str());

  if (auto shaken = co_await stream->handshake(); !shaken) co_return fail_with(shaken.error());
  if (seen) {
    seen->protocol = SSL_get_version(ssl);
    const unsigned char* protocol = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl, &protocol, &size);
    if (size > 0) seen->alpn.assign(reinterpret_cast<const char*>(protocol), size);
  }
  co_return std::unique_ptr<ByteStream>(std::move(stream));
}

}  // namespace gatepost::net::tls
