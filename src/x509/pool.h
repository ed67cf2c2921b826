// A set of trusted (or intermediate) certificates, as Go's x509.CertPool.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "x509/certificate.h"

namespace gatepost::x509 {

class Pool {
 public:
  // A certificate that is there already is not added twice.
  void add(CertificatePtr certificate);

  // Adds every CERTIFICATE block that parses and skips the others; false when there was none. Go's AppendCertsFromPEM.
  bool add_pem(std::string_view pem);

  bool contains(const Certificate& certificate) const { return known_.contains(certificate.der); }
  std::size_t size() const { return certificates_.size(); }
  const std::vector<CertificatePtr>& certificates() const { return certificates_; }

  // Certificates whose subject is `child`'s issuer, the likely ones first: key identifiers equal, one of them missing,
  // different.
  std::vector<CertificatePtr> possible_parents(const Certificate& child) const;

 private:
  std::vector<CertificatePtr> certificates_;
  std::set<std::string_view> known_;  // their bytes
  std::multimap<std::string_view, CertificatePtr> by_subject_;
};

// The pool of a caBundle or certificate-authority file. The error is client-go's: "unable to load root certificates:
// unable to parse bytes as PEM block".
Result<std::shared_ptr<const Pool>> pool_from_ca_bundle(std::string_view pem);

// Where a system keeps its trusted roots: the first of `files` that can be read, and everything in `directories`.
struct SystemTrust {
  std::vector<std::string> files, directories;
};
// Go's lists for Linux, or what SSL_CERT_FILE and SSL_CERT_DIR (with colons) say instead.
SystemTrust system_trust();
std::shared_ptr<const Pool> load_pool(const SystemTrust& trust);

// The system's roots, read once a process at the first call.
std::shared_ptr<const Pool> system_pool();

}  // namespace gatepost::x509
