#include "net/tls/context.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include "net/tls/engine.h"
#include "x509/pem.h"

namespace gatepost::net::tls {
namespace {

// Go's defaults in its order of preference. Without them a peer would choose what a Go client never offers, and the
// alerts of old peers would differ.
constexpr const char* suites =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"
    "ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA:ECDHE-RSA-AES256-SHA";
constexpr const char* suites_13 = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr const char* groups = "X25519:P-256:P-384:P-521";
constexpr const char* signatures =
    "RSA-PSS+SHA256:ECDSA+SHA256:ed25519:RSA-PSS+SHA384:RSA-PSS+SHA512:RSA+SHA256:RSA+SHA384:RSA+SHA512:"
    "ECDSA+SHA384:ECDSA+SHA512:RSA+SHA1:ECDSA+SHA1";

Failure<Error> unusable(std::string text) {
  return net_fail(ErrorKind::other, std::move(text));
}

bool is_private_key(std::string_view type) {
  return type == "PRIVATE KEY" || type.ends_with(" PRIVATE KEY");
}

std::string bracketed(const std::vector<std::string>& words) {
  std::string text = "[";
  for (const auto& word : words) text += (text.size() > 1 ? " " : "") + word;
  return text + "]";
}

NetResult<std::vector<x509::OpensslX509>> read_chain(std::string_view pem) {
  std::vector<x509::OpensslX509> chain;
  std::vector<std::string> skipped;
  while (auto block = x509::decode_pem(pem)) {
    if (block->type != "CERTIFICATE") {
      skipped.push_back(block->type);
      continue;
    }
    const auto* at = reinterpret_cast<const unsigned char*>(block->bytes.data());
    x509::OpensslX509 certificate(d2i_X509(nullptr, &at, static_cast<long>(block->bytes.size())));
    if (!certificate) return unusable("x509: malformed certificate");
    chain.push_back(std::move(certificate));
  }
  if (!chain.empty()) return chain;
  if (skipped.empty()) return unusable("tls: failed to find any PEM data in certificate input");
  if (skipped.size() == 1 && is_private_key(skipped[0])) {
    return unusable(
        "tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may "
        "have been switched");
  }
  return unusable(
      "tls: failed to find \"CERTIFICATE\" PEM block in certificate input after skipping PEM blocks of the following "
      "types: " +
      bracketed(skipped));
}

NetResult<x509::EvpKey> read_key(std::string_view pem) {
  std::vector<std::string> skipped;
  while (auto block = x509::decode_pem(pem)) {
    if (!is_private_key(block->type)) {
      skipped.push_back(block->type);
      continue;
    }
    const auto* at = reinterpret_cast<const unsigned char*>(block->bytes.data());
    x509::EvpKey key(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(block->bytes.size())));
    if (!key) return unusable("tls: failed to parse private key");
    return key;
  }
  if (skipped.empty()) return unusable("tls: failed to find any PEM data in key input");
  if (skipped.size() == 1 && skipped[0] == "CERTIFICATE") {
    return unusable("tls: found a certificate rather than a key in the PEM for the private key");
  }
  return unusable(
      "tls: failed to find PEM block with type ending in \"PRIVATE KEY\" in key input after skipping PEM blocks of the "
      "following types: " +
      bracketed(skipped));
}

}  // namespace

SslContext make_context(Role role, VersionRange versions) {
  x509::prepare_openssl();
  SslContext context(SSL_CTX_new(role == Role::client ? TLS_client_method() : TLS_server_method()));
  SSL_CTX* raw = context.get();
  // The level would refuse keys and signatures that Go takes; the lists below say what is spoken.
  SSL_CTX_set_security_level(raw, 0);
  SSL_CTX_set_min_proto_version(raw, versions.min);
  SSL_CTX_set_max_proto_version(raw, versions.max);
  SSL_CTX_set_cipher_list(raw, suites);
  SSL_CTX_set_ciphersuites(raw, suites_13);
  SSL_CTX_set1_groups_list(raw, groups);
  SSL_CTX_set1_sigalgs_list(raw, signatures);
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(raw, 0);
  // As Go, we speak to servers that know nothing of secure renegotiation; nobody renegotiates with us at all.
  SSL_CTX_set_options(raw, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_LEGACY_SERVER_CONNECT |
                               SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_COMPRESSION);
  // An idle connection keeps no record buffers.
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS);
  Engine::watch(raw);
  return context;
}

NetResult<void> use_identity(SSL_CTX* context, std::string_view certificate_pem, std::string_view key_pem) {
  auto chain = read_chain(certificate_pem);
  if (!chain) {
    ERR_clear_error();
    return fail_with(chain.error());
  }
  auto key = read_key(key_pem);
  if (!key) {
    ERR_clear_error();
    return fail_with(key.error());
  }
  const EVP_PKEY* certified = X509_get0_pubkey((*chain)[0].get());
  if (!certified) return unusable("tls: unknown public key algorithm");
  if (EVP_PKEY_get_id(certified) != EVP_PKEY_get_id(key->get())) {
    return unusable("tls: private key type does not match public key type");
  }
  if (EVP_PKEY_eq(certified, key->get()) != 1) {
    ERR_clear_error();
    return unusable("tls: private key does not match public key");
  }
  SSL_CTX_use_certificate(context, (*chain)[0].get());
  SSL_CTX_use_PrivateKey(context, key->get());
  for (std::size_t i = 1; i < chain->size(); ++i) SSL_CTX_add1_chain_cert(context, (*chain)[i].get());
  ERR_clear_error();
  return {};
}

std::string alpn_wire(const std::vector<std::string>& names) {
  std::string wire;
  for (const auto& name : names) {
    if (name.empty() || name.size() > 255) continue;
    wire += static_cast<char>(name.size());
    wire += name;
  }
  return wire;
}

}  // namespace gatepost::net::tls
