#include "net/tls/failure.h"

#include <cstdio>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "net/go_text.h"
#include "net/tls/alerts.h"

namespace gatepost::net::tls {
namespace {

std::string hexadecimal(unsigned value) {
  char buffer[16];
  std::snprintf(buffer, sizeof buffer, "%x", value);
  return buffer;
}

// Go's %x of a []uint16: "[304 303]".
std::string hexadecimal(const std::vector<std::uint16_t>& values) {
  std::string text = "[";
  for (std::uint16_t value : values) text += (text.size() > 1 ? " " : "") + hexadecimal(value);
  return text + "]";
}

std::string quoted_list(const std::vector<std::string>& values) {
  std::string text = "[";
  for (const auto& value : values) text += (text.size() > 1 ? " " : "") + go_quote(value);
  return text + "]";
}

// The versions a hello without the extension stands for: all up to its own.
std::vector<std::uint16_t> offered_versions(const Circumstances& seen) {
  if (!seen.offer.versions.empty()) return seen.offer.versions;
  std::vector<std::uint16_t> versions;
  for (std::uint16_t version = 0x0303; version >= 0x0301; --version) {
    if (version <= seen.sniff.hello_version().value_or(0)) versions.push_back(version);
  }
  return versions;
}

std::optional<std::string> client_text(int reason, const Circumstances& seen) {
  switch (reason) {
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_WRONG_SSL_VERSION:
      return "tls: server selected unsupported protocol version " +
             hexadecimal(seen.sniff.hello_version().value_or(seen.sniff.record_version()));
    case SSL_R_WRONG_CIPHER_RETURNED:
    case SSL_R_UNKNOWN_CIPHER_RETURNED:
      return "tls: server chose an unconfigured cipher suite";
    case SSL_R_BAD_SIGNATURE:
      return "tls: invalid signature by the server certificate: verification failure";
    case SSL_R_DIGEST_CHECK_FAILED:
      return "tls: invalid server finished hash";
    case SSL_R_INAPPROPRIATE_FALLBACK:
      return "tls: downgrade attempt detected, possibly due to a MitM attack or a broken middlebox";
    case SSL_R_BAD_KEY_SHARE:
      return "tls: invalid server key share";
    default:
      return std::nullopt;
  }
}

std::optional<std::string> server_text(int reason, const Circumstances& seen) {
  switch (reason) {
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_VERSION_TOO_LOW:
      return "tls: client offered only unsupported versions: " + hexadecimal(offered_versions(seen));
    case SSL_R_NO_SHARED_CIPHER:
      return "tls: no cipher suite supported by both client and server; client offered: " +
             hexadecimal(seen.offer.suites);
    case SSL_R_NO_APPLICATION_PROTOCOL:
      return "tls: client requested unsupported application protocols (" + quoted_list(seen.offer.protocols) + ")";
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      return "tls: client didn't provide a certificate";
    case SSL_R_NO_SUITABLE_KEY_SHARE:
    case SSL_R_NO_SHARED_GROUPS:
      return "tls: no key exchanges supported by both client and server";
    case SSL_R_BAD_SIGNATURE:
      return "tls: invalid signature by the client certificate: verification failure";
    case SSL_R_DIGEST_CHECK_FAILED:
      return "tls: invalid client finished hash";
    default:
      return std::nullopt;
  }
}

}  // namespace

Error failure_of(unsigned long code, const Circumstances& seen) {
  const int reason = ERR_GET_REASON(code);
  const bool of_ssl = ERR_GET_LIB(code) == ERR_LIB_SSL;
  if (of_ssl && reason >= SSL_AD_REASON_OFFSET && reason < SSL_AD_REASON_OFFSET + 256) {
    return remote_alert(static_cast<std::uint8_t>(reason - SSL_AD_REASON_OFFSET));
  }
  if (of_ssl) {
    auto text = seen.role == Role::client ? client_text(reason, seen) : server_text(reason, seen);
    if (text) return {ErrorKind::tls_protocol, std::move(*text)};
    if (reason == SSL_R_WRONG_VERSION_NUMBER) {
      return {ErrorKind::tls_protocol, "tls: received record with version " + hexadecimal(seen.sniff.record_version()) +
                                           " when expecting version 303"};
    }
  }
  if (seen.sent_alert) return local_alert(*seen.sent_alert);
  if (code == 0) return {ErrorKind::tls_protocol, "tls: connection is not usable"};
  const char* words = ERR_reason_error_string(code);
  return {ErrorKind::tls_protocol, std::string("tls: ") + (words ? words : "internal error")};
}

}  // namespace gatepost::net::tls
