#include "x509/jws.h"

#include <openssl/ecdsa.h>
#include <openssl/pem.h>
#include <vector>

#include "base/base64.h"
#include "x509/openssl.h"
#include "x509/pem.h"

namespace gatepost::x509 {
namespace {

using EcdsaSignature = std::unique_ptr<ECDSA_SIG, OpensslFree<ECDSA_SIG_free>>;

constexpr std::size_t longest_token = 64u << 10;

struct Algorithm {
  std::string_view name;
  const EVP_MD* digest;
  int half;  // bytes of r and of s; 0: no elliptic curve
};

std::optional<Algorithm> algorithm_of(const EVP_PKEY* key) {
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA) return Algorithm{"RS256", EVP_sha256(), 0};
  if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC) return std::nullopt;
  switch (EVP_PKEY_get_bits(key)) {
    case 256:
      return Algorithm{"ES256", EVP_sha256(), 32};
    case 384:
      return Algorithm{"ES384", EVP_sha384(), 48};
    case 521:
      return Algorithm{"ES512", EVP_sha512(), 66};
    default:
      return std::nullopt;
  }
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string key_id(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  if (size < 0) return {};
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  EVP_Digest(der, static_cast<std::size_t>(size), digest, &length, EVP_sha256(), nullptr);
  OPENSSL_free(der);
  return base64::encode_url({reinterpret_cast<const char*>(digest), length});
}

// OpenSSL's form of an elliptic signature (DER) and JOSE's (r and s, each of fixed length).
std::string to_raw(const std::string& der, int half) {
  const unsigned char* at = bytes_of(der);
  EcdsaSignature signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  std::string raw(static_cast<std::size_t>(half) * 2, '\0');
  if (!signature) return raw;
  auto* out = reinterpret_cast<unsigned char*>(raw.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), out, half);
  BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), out + half, half);
  return raw;
}

std::string to_der(std::string_view raw, int half) {
  if (raw.size() != static_cast<std::size_t>(half) * 2) return {};
  EcdsaSignature signature(ECDSA_SIG_new());
  ECDSA_SIG_set0(signature.get(), BN_bin2bn(bytes_of(raw), half, nullptr),
                 BN_bin2bn(bytes_of(raw) + half, half, nullptr));
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &der);
  if (size < 0) return {};
  std::string out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return out;
}

class Signer final : public JwsSigner {
 public:
  Signer(EvpKey key, Algorithm algorithm) : key_(std::move(key)), algorithm_(algorithm) {
    head_ =
        base64::encode_url(R"({"alg":")" + std::string(algorithm.name) + R"(","kid":")" + key_id(key_.get()) + "\"}");
  }

  std::string sign(std::string_view payload) const override {
    std::string token = head_ + "." + base64::encode_url(payload);
    EvpMdContext context(EVP_MD_CTX_new());
    std::size_t size = 0;
    EVP_DigestSignInit(context.get(), nullptr, algorithm_.digest, nullptr, key_.get());
    EVP_DigestSign(context.get(), nullptr, &size, bytes_of(token), token.size());
    std::string signature(size, '\0');
    EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes_of(token),
                   token.size());
    signature.resize(size);
    if (algorithm_.half > 0) signature = to_raw(signature, algorithm_.half);
    return token + "." + base64::encode_url(signature);
  }

 private:
  EvpKey key_;
  Algorithm algorithm_;
  std::string head_;
};

OpensslBio reader(std::string_view text) {
  return OpensslBio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

class Verifier final : public JwsVerifier {
 public:
  Result<void> add(std::string_view pem) override {
    std::string_view rest = pem;
    bool any = false;
    while (auto block = decode_pem(rest)) {
      const std::string text = encode_pem(block->type, block->bytes);
      EvpKey key;
      if (block->type == "CERTIFICATE") {
        OpensslX509 certificate(PEM_read_bio_X509(reader(text).get(), nullptr, nullptr, nullptr));
        if (certificate) key.reset(X509_get_pubkey(certificate.get()));
      } else if (block->type.ends_with("PRIVATE KEY")) {
        key.reset(PEM_read_bio_PrivateKey(reader(text).get(), nullptr, nullptr, nullptr));
      } else {
        key.reset(PEM_read_bio_PUBKEY(reader(text).get(), nullptr, nullptr, nullptr));
      }
      if (!key || !algorithm_of(key.get())) continue;
      keys_.push_back(std::move(key));
      any = true;
    }
    if (!any) return fail("data does not contain any valid RSA or ECDSA public keys");
    return {};
  }

  std::optional<std::string> verify(std::string_view token) const override {
    if (token.size() > longest_token) return std::nullopt;
    const std::size_t first = token.find('.'), last = token.rfind('.');
    if (first == token.npos || first == last) return std::nullopt;
    auto payload = base64::decode_url(token.substr(first + 1, last - first - 1));
    auto signature = base64::decode_url(token.substr(last + 1));
    if (!payload || !signature) return std::nullopt;
    for (const EvpKey& key : keys_)
      if (signed_by(key.get(), token.substr(0, last), *signature)) return std::move(*payload);
    return std::nullopt;
  }

 private:
  // The key says by which algorithm, not the token.
  static bool signed_by(EVP_PKEY* key, std::string_view text, const std::string& raw) {
    const auto algorithm = algorithm_of(key);
    const std::string signature = algorithm->half > 0 ? to_der(raw, algorithm->half) : raw;
    if (signature.empty()) return false;
    EvpMdContext context(EVP_MD_CTX_new());
    return EVP_DigestVerifyInit(context.get(), nullptr, algorithm->digest, nullptr, key) == 1 &&
           EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(text), text.size()) == 1;
  }

  std::vector<EvpKey> keys_;
};

}  // namespace

Result<std::unique_ptr<const JwsSigner>> JwsSigner::make(std::string_view key_pem) {
  prepare_openssl();
  EvpKey key(PEM_read_bio_PrivateKey(reader(key_pem).get(), nullptr, nullptr, nullptr));
  if (!key) return fail("data does not contain a valid RSA or ECDSA private key");
  const auto algorithm = algorithm_of(key.get());
  if (!algorithm) return fail("the key is neither RSA nor of the curves P-256, P-384 and P-521");
  return std::make_unique<const Signer>(std::move(key), *algorithm);
}

std::unique_ptr<JwsVerifier> JwsVerifier::make() {
  prepare_openssl();
  return std::make_unique<Verifier>();
}

}  // namespace gatepost::x509
