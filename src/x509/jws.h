// JSON Web Signatures in their compact form (RFC 7515), as service account tokens are: ES256, ES384, ES512 and RS256.
// Keys are named by the hash of their public part, as kube-apiserver names them (kid).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gatepost::x509 {

class JwsSigner {
 public:
  // A private key: PKCS #8, PKCS #1 or SEC 1.
  static Result<std::unique_ptr<const JwsSigner>> make(std::string_view key_pem);
  virtual ~JwsSigner() = default;
  virtual std::string sign(std::string_view payload) const = 0;
};

class JwsVerifier {
 public:
  static std::unique_ptr<JwsVerifier> make();
  virtual ~JwsVerifier() = default;
  // All keys in the text: public ones, those of certificates, and the public parts of private ones.
  virtual Result<void> add(std::string_view pem) = 0;
  // The payload, if one of the keys signed it. Longer tokens than 64 KiB are none.
  virtual std::optional<std::string> verify(std::string_view token) const = 0;
};

}  // namespace gatepost::x509
