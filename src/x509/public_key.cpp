#include "x509/public_key.h"

#include <openssl/err.h>
#include <openssl/rsa.h>

#include "x509/algorithms.h"
#include "x509/der.h"
#include "x509/openssl.h"

namespace gatepost::x509 {

struct PublicKey {
  EvpKey key;
};

namespace {

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Result<void> check_rsa(std::string_view parameters, std::string_view key) {
  if (parameters != std::string_view("\x05\x00", 2)) return fail("x509: RSA key missing NULL parameters");
  auto fields = Der(key).enter(tag::sequence);
  if (!fields) return fail("x509: invalid RSA public key");
  auto modulus = fields->integer();
  if (!modulus) return fail("x509: invalid RSA modulus");
  auto exponent = fields->small_integer();
  if (!exponent) return fail("x509: invalid RSA public exponent");
  if (static_cast<std::int8_t>((*modulus)[0]) < 0 || *modulus == std::string_view("\0", 1)) {
    return fail("x509: RSA modulus is not a positive number");
  }
  if (*exponent <= 0) return fail("x509: RSA public exponent is not a positive number");
  return {};
}

Result<void> check_parameters(KeyAlgorithm algorithm, std::string_view parameters, std::string_view key) {
  switch (algorithm) {
    case KeyAlgorithm::rsa:
      return check_rsa(parameters, key);
    case KeyAlgorithm::ecdsa: {
      auto curve = Der(parameters).oid();
      if (!curve) return fail("x509: invalid ECDSA parameters");
      if (!is_known_curve(*curve)) return fail("x509: unsupported elliptic curve");
      return {};
    }
    case KeyAlgorithm::ed25519:
      if (!parameters.empty()) return fail("x509: Ed25519 key encoded with illegal parameters");
      if (key.size() != 32) return fail("x509: wrong Ed25519 public key size");
      return {};
    default:
      return {};
  }
}

const EVP_MD* digest(Hash hash) {
  switch (hash) {
    case Hash::sha256:
      return EVP_sha256();
    case Hash::sha384:
      return EVP_sha384();
    case Hash::sha512:
      return EVP_sha512();
    default:
      return nullptr;
  }
}

// The Go type of a key, for its error text.
std::string_view go_type(KeyAlgorithm algorithm) {
  switch (algorithm) {
    case KeyAlgorithm::rsa:
      return "*rsa.PublicKey";
    case KeyAlgorithm::ecdsa:
      return "*ecdsa.PublicKey";
    default:
      return "ed25519.PublicKey";
  }
}

std::string_view verification_failure(KeyAlgorithm algorithm) {
  switch (algorithm) {
    case KeyAlgorithm::rsa:
      return "crypto/rsa: verification error";
    case KeyAlgorithm::ecdsa:
      return "x509: ECDSA verification failure";
    default:
      return "x509: Ed25519 verification failure";
  }
}

bool verifies(const Certificate& certificate, EVP_PKEY* key) {
  const SignatureAlgorithm& algorithm = certificate.signature_algorithm;
  EvpMdContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* parameters = nullptr;
  if (EVP_DigestVerifyInit(context.get(), &parameters, digest(algorithm.hash), nullptr, key) != 1) return false;
  if (algorithm.pss && (EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) != 1 ||
                        EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) != 1)) {
    return false;
  }
  return EVP_DigestVerify(context.get(), bytes(certificate.signature), certificate.signature.size(),
                          bytes(certificate.tbs), certificate.tbs.size()) == 1;
}

}  // namespace

Result<void> read_public_key(Certificate& certificate) {
  const auto malformed = [](const char* what) { return fail(std::string("x509: malformed ") + what); };
  auto fields = Der(certificate.public_key_info).enter(tag::sequence);
  if (!fields) return malformed("spki");
  auto identifier = fields->enter(tag::sequence);
  if (!identifier) return malformed("public key algorithm identifier");
  auto oid = identifier->oid();
  if (!oid) return malformed("OID");
  const std::string_view parameters = identifier->rest();
  if (!parameters.empty() && !identifier->any()) return malformed("parameters");
  auto bits = fields->bit_string();
  if (!bits) return malformed("subjectPublicKey");
  certificate.key_algorithm = key_algorithm(*oid);
  if (certificate.key_algorithm == KeyAlgorithm::unknown) return {};
  if (auto sound = check_parameters(certificate.key_algorithm, parameters, bits->bytes); !sound) return sound;

  prepare_openssl();
  const unsigned char* at = bytes(certificate.public_key_info);
  EvpKey key(d2i_PUBKEY(nullptr, &at, static_cast<long>(certificate.public_key_info.size())));
  ERR_clear_error();
  if (!key) {
    return fail(certificate.key_algorithm == KeyAlgorithm::ecdsa
                    ? "crypto/ecdsa: invalid public key"
                    : "x509: invalid " + std::string(key_algorithm_text(certificate.key_algorithm)) + " public key");
  }
  certificate.key_bits = static_cast<unsigned>(EVP_PKEY_get_bits(key.get()));
  certificate.public_key = std::make_shared<const PublicKey>(std::move(key));
  return {};
}

Result<void> check_signature(const Certificate& certificate, const Certificate& parent) {
  const bool no_authority = parent.basic_constraints ? !parent.is_ca : parent.version == 3;
  if (no_authority || (parent.usage != 0 && !(parent.usage & key_usage::cert_sign))) {
    return fail("x509: invalid signature: parent certificate cannot sign this kind of certificate");
  }
  const SignatureAlgorithm& algorithm = certificate.signature_algorithm;
  constexpr const char* unimplemented = "x509: cannot verify signature: algorithm unimplemented";
  if (!parent.public_key || algorithm.key == KeyAlgorithm::unknown) return fail(unimplemented);
  if (algorithm.hash == Hash::md5 || algorithm.hash == Hash::sha1) {
    return fail("x509: cannot verify signature: insecure algorithm " + std::string(algorithm.name));
  }
  if (parent.key_algorithm == KeyAlgorithm::dsa) return fail(unimplemented);
  if (parent.key_algorithm != algorithm.key) {
    return fail("x509: signature algorithm specifies an " + std::string(key_algorithm_text(algorithm.key)) +
                " public key, but have public key of type " + std::string(go_type(parent.key_algorithm)));
  }
  // Go's crypto/rsa refuses such keys outright (since 1.24).
  if (parent.key_algorithm == KeyAlgorithm::rsa && parent.key_bits < 1024) {
    return fail("crypto/rsa: " + std::to_string(parent.key_bits) +
                "-bit keys are insecure (see https://go.dev/pkg/crypto/rsa#hdr-Minimum_key_size)");
  }
  const bool sound = verifies(certificate, parent.public_key->key.get());
  ERR_clear_error();
  if (!sound) return fail(std::string(verification_failure(parent.key_algorithm)));
  return {};
}

}  // namespace gatepost::x509
