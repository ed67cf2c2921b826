#include "x509/algorithms.h"

#include <array>

#include "x509/der.h"

namespace gatepost::x509 {
namespace {

struct SignatureRow {
  std::string_view oid;
  SignatureAlgorithm algorithm;
};

// Names as in Go's signatureAlgorithmDetails.
constexpr std::array<SignatureRow, 13> signatures = {{
    {"1.2.840.113549.1.1.4", {"MD5-RSA", KeyAlgorithm::rsa, Hash::md5}},
    {"1.2.840.113549.1.1.5", {"SHA1-RSA", KeyAlgorithm::rsa, Hash::sha1}},
    {"1.3.14.3.2.29", {"SHA1-RSA", KeyAlgorithm::rsa, Hash::sha1}},
    {"1.2.840.113549.1.1.11", {"SHA256-RSA", KeyAlgorithm::rsa, Hash::sha256}},
    {"1.2.840.113549.1.1.12", {"SHA384-RSA", KeyAlgorithm::rsa, Hash::sha384}},
    {"1.2.840.113549.1.1.13", {"SHA512-RSA", KeyAlgorithm::rsa, Hash::sha512}},
    {"1.2.840.10040.4.3", {"DSA-SHA1", KeyAlgorithm::dsa, Hash::sha1}},
    {"2.16.840.1.101.3.4.3.2", {"DSA-SHA256", KeyAlgorithm::dsa, Hash::sha256}},
    {"1.2.840.10045.4.1", {"ECDSA-SHA1", KeyAlgorithm::ecdsa, Hash::sha1}},
    {"1.2.840.10045.4.3.2", {"ECDSA-SHA256", KeyAlgorithm::ecdsa, Hash::sha256}},
    {"1.2.840.10045.4.3.3", {"ECDSA-SHA384", KeyAlgorithm::ecdsa, Hash::sha384}},
    {"1.2.840.10045.4.3.4", {"ECDSA-SHA512", KeyAlgorithm::ecdsa, Hash::sha512}},
    {"1.3.101.112", {"Ed25519", KeyAlgorithm::ed25519, Hash::none}},
}};

constexpr SignatureAlgorithm unknown_signature = {"0"};
constexpr std::string_view der_null("\x05\x00", 2);

bool absent_or_null(std::string_view parameters) {
  return parameters.empty() || parameters == der_null;
}

// RSASSA-PSS is taken in three forms only: MGF1 with the message's hash, salt as long as the hash, default trailer.
SignatureAlgorithm pss_algorithm(std::string_view parameters) {
  auto outer = Der(parameters).enter(tag::sequence);
  if (!outer) return unknown_signature;
  auto hash_field = outer->enter(tag::context_constructed(0)), mgf_field = outer->enter(tag::context_constructed(1)),
       salt_field = outer->enter(tag::context_constructed(2));
  if (!hash_field || !mgf_field || !salt_field) return unknown_signature;
  if (auto trailer = outer->enter(tag::context_constructed(3)); trailer && trailer->small_integer() != 1) {
    return unknown_signature;
  }
  auto hash = hash_field->enter(tag::sequence), mgf = mgf_field->enter(tag::sequence);
  auto salt = salt_field->small_integer();
  if (!hash || !mgf || !salt) return unknown_signature;
  auto hash_oid = hash->oid(), mgf_oid = mgf->oid();
  auto mgf_hash = mgf->enter(tag::sequence);
  if (!hash_oid || !mgf_oid || !mgf_hash || oid_text(*mgf_oid) != "1.2.840.113549.1.1.8") return unknown_signature;
  auto mgf_hash_oid = mgf_hash->oid();
  if (mgf_hash_oid != hash_oid || !absent_or_null(hash->rest()) || !absent_or_null(mgf_hash->rest())) {
    return unknown_signature;
  }
  const std::string name = oid_text(*hash_oid);
  if (name == "2.16.840.1.101.3.4.2.1" && *salt == 32) return {"SHA256-RSAPSS", KeyAlgorithm::rsa, Hash::sha256, true};
  if (name == "2.16.840.1.101.3.4.2.2" && *salt == 48) return {"SHA384-RSAPSS", KeyAlgorithm::rsa, Hash::sha384, true};
  if (name == "2.16.840.1.101.3.4.2.3" && *salt == 64) return {"SHA512-RSAPSS", KeyAlgorithm::rsa, Hash::sha512, true};
  return unknown_signature;
}

struct UsageRow {
  std::string_view oid, name;
};

// In the order of ExtKeyUsage.
constexpr std::array<UsageRow, 14> usages = {{{"2.5.29.37.0", "anyExtendedKeyUsage"},
                                              {"1.3.6.1.5.5.7.3.1", "serverAuth"},
                                              {"1.3.6.1.5.5.7.3.2", "clientAuth"},
                                              {"1.3.6.1.5.5.7.3.3", "codeSigning"},
                                              {"1.3.6.1.5.5.7.3.4", "emailProtection"},
                                              {"1.3.6.1.5.5.7.3.5", "ipsecEndSystem"},
                                              {"1.3.6.1.5.5.7.3.6", "ipsecTunnel"},
                                              {"1.3.6.1.5.5.7.3.7", "ipsecUser"},
                                              {"1.3.6.1.5.5.7.3.8", "timeStamping"},
                                              {"1.3.6.1.5.5.7.3.9", "OCSPSigning"},
                                              {"1.3.6.1.4.1.311.10.3.3", "msSGC"},
                                              {"2.16.840.1.113730.4.1", "nsSGC"},
                                              {"1.3.6.1.4.1.311.2.1.22", "msCodeCom"},
                                              {"1.3.6.1.4.1.311.61.1.1", "msKernelCode"}}};

}  // namespace

SignatureAlgorithm signature_algorithm(std::string_view oid, std::string_view parameters) {
  const std::string name = oid_text(oid);
  if (name == "1.2.840.113549.1.1.10") return pss_algorithm(parameters);
  for (const auto& row : signatures) {
    if (row.oid != name) continue;
    if (row.algorithm.key == KeyAlgorithm::ed25519 && !parameters.empty()) return unknown_signature;
    return row.algorithm;
  }
  return unknown_signature;
}

KeyAlgorithm key_algorithm(std::string_view oid) {
  const std::string name = oid_text(oid);
  if (name == "1.2.840.113549.1.1.1") return KeyAlgorithm::rsa;
  if (name == "1.2.840.10040.4.1") return KeyAlgorithm::dsa;
  if (name == "1.2.840.10045.2.1") return KeyAlgorithm::ecdsa;
  if (name == "1.3.101.112") return KeyAlgorithm::ed25519;
  return KeyAlgorithm::unknown;
}

std::optional<Curve> curve(std::string_view oid) {
  const std::string name = oid_text(oid);
  if (name == "1.3.132.0.33") return Curve{"P224", 224};
  if (name == "1.2.840.10045.3.1.7") return Curve{"P256", 256};
  if (name == "1.3.132.0.34") return Curve{"P384", 384};
  if (name == "1.3.132.0.35") return Curve{"P521", 521};
  return std::nullopt;
}

std::optional<ExtKeyUsage> ext_key_usage(std::string_view oid) {
  const std::string name = oid_text(oid);
  for (std::size_t i = 0; i < usages.size(); ++i) {
    if (usages[i].oid == name) return static_cast<ExtKeyUsage>(i);
  }
  return std::nullopt;
}

std::string_view ext_key_usage_oid(ExtKeyUsage usage) {
  return usages[static_cast<std::size_t>(usage)].oid;
}

std::string_view ext_key_usage_text(ExtKeyUsage usage) {
  return usages[static_cast<std::size_t>(usage)].name;
}

std::string_view key_algorithm_text(KeyAlgorithm algorithm) {
  switch (algorithm) {
    case KeyAlgorithm::rsa:
      return "RSA";
    case KeyAlgorithm::dsa:
      return "DSA";
    case KeyAlgorithm::ecdsa:
      return "ECDSA";
    case KeyAlgorithm::ed25519:
      return "Ed25519";
    default:
      return "0";
  }
}

}  // namespace gatepost::x509
