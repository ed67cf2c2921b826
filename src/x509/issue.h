// Makes certificates and keys: a server's own authority, serving certificates, and certificates that are wrong on
// purpose (dates, names, usages, authorities that are none). Keys never leave as anything but the PEM returned here.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "x509/certificate.h"

namespace gatepost::x509 {

enum class KeyKind { ec_p256, rsa_2048 };
enum class CertificateKind { leaf, authority };

struct IssueOptions {
  std::string common_name;
  std::vector<std::string> organizations;
  std::vector<std::string> names;  // subject alternative names: DNS names and IP addresses; empty: no such extension
  std::chrono::sys_seconds not_before, not_after;
  CertificateKind kind = CertificateKind::leaf;
  std::vector<ExtKeyUsage> usages = {ExtKeyUsage::server_auth};  // of a leaf; empty: no such extension
  std::optional<unsigned> max_path_len;                          // of an authority
  std::vector<std::string> permitted_dns, excluded_dns;          // name constraints of an authority
  KeyKind key = KeyKind::ec_p256;
  std::string key_pem;  // sign for this key instead of a new one
};

struct Issued {
  std::string certificate_pem;
  std::string key_pem;  // PKCS #8
};

// Signed by `issuer`, or by its own key when that is null. Whether the issuer is an authority is not looked at.
Result<Issued> issue(const IssueOptions& options, const Issued* issuer = nullptr);

// The DER of the first certificate in `pem`.
Result<std::string> first_certificate_der(std::string_view pem);

}  // namespace gatepost::x509
