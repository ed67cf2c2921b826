// An X.509 certificate, read from DER with the acceptance and error texts of Go's crypto/x509.ParseCertificate. It is
// immutable, owns its bytes and is shared by pointer; every view points into those bytes. Bounded by the size of the
// input; nothing nests deeper than the certificate's own structure.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "x509/name.h"

namespace gatepost::x509 {

enum class KeyAlgorithm { unknown, rsa, dsa, ecdsa, ed25519 };
enum class Hash { none, md5, sha1, sha256, sha384, sha512 };

struct SignatureAlgorithm {
  std::string_view name;  // as Go prints it: "ECDSA-SHA256"; "0" when unknown
  KeyAlgorithm key = KeyAlgorithm::unknown;
  Hash hash = Hash::none;
  bool pss = false;
};

enum class ExtKeyUsage {
  any,
  server_auth,
  client_auth,
  code_signing,
  email_protection,
  ipsec_end_system,
  ipsec_tunnel,
  ipsec_user,
  time_stamping,
  ocsp_signing,
  microsoft_server_gated_crypto,
  netscape_server_gated_crypto,
  microsoft_commercial_code_signing,
  microsoft_kernel_code_signing,
};
// "serverAuth"
std::string_view ext_key_usage_text(ExtKeyUsage usage);

// Bits of keyUsage, in the order of RFC 5280.
namespace key_usage {
constexpr unsigned digital_signature = 1, content_commitment = 2, key_encipherment = 4, data_encipherment = 8,
                   key_agreement = 16, cert_sign = 32, crl_sign = 64, encipher_only = 128, decipher_only = 256;
}

struct Extension {
  std::string_view oid;  // content bytes
  bool critical = false;
  std::string_view value;
};

struct IpRange {
  std::string_view address, mask;  // both 4 or both 16 bytes
};

// One side of a name constraints extension.
struct NameSubtrees {
  std::vector<std::string> dns, emails, uris;
  std::vector<IpRange> ips;
};

struct PublicKey;  // OpenSSL's form of the key

struct Certificate {
  Certificate() = default;
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;

  std::string der;
  std::string_view tbs, raw_issuer, raw_subject, public_key_info, signature;
  int version = 0;                 // 1, 2 or 3
  std::string_view serial_number;  // big-endian, not negative
  SignatureAlgorithm signature_algorithm;
  Name issuer, subject;
  std::chrono::sys_seconds not_before, not_after;
  KeyAlgorithm key_algorithm = KeyAlgorithm::unknown;
  std::shared_ptr<const PublicKey> public_key;  // null when the algorithm is unknown
  unsigned key_bits = 0;

  std::vector<Extension> extensions;
  bool unhandled_critical = false;  // a critical extension that nobody here understands
  unsigned usage = 0;               // key_usage bits; 0 when the extension is absent
  std::vector<ExtKeyUsage> ext_key_usages;
  std::vector<std::string> unknown_ext_key_usages;  // dotted
  bool basic_constraints = false;
  bool is_ca = false;
  std::int64_t max_path_len = -1;  // -1: none
  std::string_view subject_key_id, authority_key_id;

  bool has_san = false;
  std::vector<std::string> dns_names, emails, uris;
  std::vector<std::string> ip_addresses;  // 4 or 16 bytes each

  bool has_name_constraints = false;
  NameSubtrees permitted, excluded;

  // 2.5.29.32 present; requireExplicitPolicy of 2.5.29.36, when present.
  bool has_policies = false;
  std::optional<std::int64_t> require_explicit_policy;

  std::string serial_text() const;         // decimal
  std::string sha256_fingerprint() const;  // "0a1b..." of the DER, 64 hexadecimal digits
  std::string sha1_fingerprint() const;
  bool self_issued() const { return raw_issuer == raw_subject; }
  std::string_view raw_san() const;  // the extension's value; empty when absent
};

using CertificatePtr = std::shared_ptr<const Certificate>;

// The error is Go's, "x509: ..." included: "x509: malformed certificate".
Result<CertificatePtr> parse_certificate(std::string der);

// The CERTIFICATE blocks of a PEM text in order. Blocks of other types are skipped. Fails on the first one that does
// not parse, and when there is none.
Result<std::vector<CertificatePtr>> parse_certificates_pem(std::string_view pem);

}  // namespace gatepost::x509
