// Object identifiers of keys, curves, signatures and usages, as content bytes, and what they stand for.
#pragma once

#include <optional>
#include <string_view>

#include "x509/certificate.h"

namespace gatepost::x509 {

// `identifier` is the content of an AlgorithmIdentifier. An unknown one has the name "0".
SignatureAlgorithm signature_algorithm(std::string_view oid, std::string_view parameters);
KeyAlgorithm key_algorithm(std::string_view oid);
struct Curve {
  std::string_view name;  // "P256"
  unsigned bits = 0;
  std::size_t point_size() const { return 1 + 2 * ((bits + 7) / 8); }  // uncompressed
};
std::optional<Curve> curve(std::string_view oid);
std::optional<ExtKeyUsage> ext_key_usage(std::string_view oid);
std::string_view ext_key_usage_oid(ExtKeyUsage usage);        // dotted
std::string_view key_algorithm_text(KeyAlgorithm algorithm);  // "ECDSA"

}  // namespace gatepost::x509
