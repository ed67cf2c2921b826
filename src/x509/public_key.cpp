#include "x509/public_key.h"

#include <bit>
#include <mutex>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "x509/algorithms.h"
#include "x509/der.h"
#include "x509/openssl.h"

namespace gatepost::x509 {

// Made by OpenSSL at the first signature that it checks: of a system's hundred roots few ever do, and the making costs
// more than all the rest of reading a certificate.
struct PublicKey {
  explicit PublicKey(std::string_view info) : bytes(info) {}

  // Null when OpenSSL cannot use the key.
  EVP_PKEY* key() const {
    std::call_once(made, [this] {
      prepare_openssl();
      const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
      made_key.reset(d2i_PUBKEY(nullptr, &at, static_cast<long>(bytes.size())));
      ERR_clear_error();
    });
    return made_key.get();
  }

  std::string_view bytes;  // of the certificate that owns this
  mutable std::once_flag made;
  mutable EvpKey made_key;
};

namespace {

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// The results are the sizes of keys in bits.
Result<unsigned> check_rsa(std::string_view parameters, std::string_view key) {
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
  if (modulus->starts_with('\0')) modulus->remove_prefix(1);
  return static_cast<unsigned>(8 * (modulus->size() - 1)) + std::bit_width(static_cast<std::uint8_t>((*modulus)[0]));
}

using Group = std::unique_ptr<EC_GROUP, OpensslFree<EC_GROUP_free>>;
using Point = std::unique_ptr<EC_POINT, OpensslFree<EC_POINT_free>>;

const EC_GROUP* group_of(const Curve& curve) {
  const auto group = [](int nid) {
    prepare_openssl();
    return Group(EC_GROUP_new_by_curve_name(nid));
  };
  static const Group p224 = group(NID_secp224r1), p256 = group(NID_X9_62_prime256v1), p384 = group(NID_secp384r1),
                     p521 = group(NID_secp521r1);
  switch (curve.bits) {
    case 224:
      return p224.get();
    case 256:
      return p256.get();
    case 384:
      return p384.get();
    default:
      return p521.get();
  }
}

bool is_on_curve(const Curve& curve, std::string_view key) {
  const EC_GROUP* group = group_of(curve);
  const Point point(EC_POINT_new(group));
  const bool sound = EC_POINT_oct2point(group, point.get(), bytes(key), key.size(), nullptr) == 1;
  ERR_clear_error();
  return sound;
}

Result<unsigned> check_ecdsa(std::string_view parameters, std::string_view key) {
  auto oid = Der(parameters).oid();
  if (!oid) return fail("x509: invalid ECDSA parameters");
  const auto found = curve(*oid);
  if (!found) return fail("x509: unsupported elliptic curve");
  if (!key.starts_with('\x04')) return fail("ecdsa: invalid uncompressed public key");
  if (key.size() != found->point_size()) return fail("invalid " + std::string(found->name) + " point encoding");
  if (!is_on_curve(*found, key)) return fail(std::string(found->name) + " point not on curve");
  return found->bits;
}

Result<unsigned> check_key(KeyAlgorithm algorithm, std::string_view parameters, std::string_view key) {
  switch (algorithm) {
    case KeyAlgorithm::rsa:
      return check_rsa(parameters, key);
    case KeyAlgorithm::ecdsa:
      return check_ecdsa(parameters, key);
    case KeyAlgorithm::ed25519:
      if (!parameters.empty()) return fail("x509: Ed25519 key encoded with illegal parameters");
      if (key.size() != 32) return fail("x509: wrong Ed25519 public key size");
      return 256u;
    case KeyAlgorithm::dsa:
      if (!Der(key).integer()) return fail("x509: invalid DSA public key");
      return 0u;
    case KeyAlgorithm::unknown:
      return 0u;
  }
  return 0u;
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
  auto size = check_key(certificate.key_algorithm, parameters, bits->right_aligned());
  if (!size) return fail_with(size.error());
  certificate.key_bits = *size;
  certificate.public_key = std::make_shared<const PublicKey>(certificate.public_key_info);
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
  EVP_PKEY* key = parent.public_key->key();
  const bool sound = key && verifies(certificate, key);
  ERR_clear_error();
  if (!sound) return fail(std::string(verification_failure(parent.key_algorithm)));
  return {};
}

}  // namespace gatepost::x509
