#include "x509/pool.h"

#include <cstdlib>
#include <filesystem>

#include "base/files.h"
#include "x509/pem.h"

namespace gatepost::x509 {

void Pool::add(CertificatePtr certificate) {
  if (!known_.insert(certificate->der).second) return;
  by_subject_.emplace(certificate->raw_subject, certificate);
  certificates_.push_back(std::move(certificate));
}

bool Pool::add_pem(std::string_view pem) {
  bool any = false;
  while (auto block = decode_pem(pem)) {
    if (block->type != "CERTIFICATE" || !block->headers.empty()) continue;
    auto certificate = parse_certificate(std::move(block->bytes));
    if (!certificate) continue;
    add(std::move(*certificate));
    any = true;
  }
  return any;
}

std::vector<CertificatePtr> Pool::possible_parents(const Certificate& child) const {
  std::vector<CertificatePtr> equal, one_missing, different;
  const auto [first, last] = by_subject_.equal_range(child.raw_issuer);
  for (auto at = first; at != last; ++at) {
    const Certificate& parent = *at->second;
    if (parent.subject_key_id == child.authority_key_id) {
      equal.push_back(at->second);
    } else if (parent.subject_key_id.empty() || child.authority_key_id.empty()) {
      one_missing.push_back(at->second);
    } else {
      different.push_back(at->second);
    }
  }
  equal.insert(equal.end(), one_missing.begin(), one_missing.end());
  equal.insert(equal.end(), different.begin(), different.end());
  return equal;
}

Result<std::shared_ptr<const Pool>> pool_from_ca_bundle(std::string_view pem) {
  auto pool = std::make_shared<Pool>();
  if (pool->add_pem(pem)) return std::shared_ptr<const Pool>(std::move(pool));
  const std::string prefix = "unable to load root certificates: ";
  while (!pem.empty()) {
    auto block = decode_pem(pem);
    if (!block) return fail(prefix + "unable to parse bytes as PEM block");
    if (block->type != "CERTIFICATE" || !block->headers.empty()) continue;
    auto certificate = parse_certificate(std::move(block->bytes));
    if (!certificate) return fail(prefix + "failed to parse certificate: " + certificate.error().text);
  }
  return fail(prefix + "no valid certificate authority data seen");
}

namespace {

// A link to a name beside it: the file is read under its own name.
bool is_alias(const std::filesystem::directory_entry& entry) {
  std::error_code error;
  if (!entry.is_symlink(error)) return false;
  const auto target = std::filesystem::read_symlink(entry.path(), error);
  return !error && !target.has_parent_path();
}

}  // namespace

SystemTrust system_trust() {
  SystemTrust trust{
      {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
       "/etc/pki/tls/cacert.pem", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/cert.pem"},
      {"/etc/ssl/certs", "/etc/pki/tls/certs"}};
  if (const char* file = std::getenv("SSL_CERT_FILE"); file && *file) trust.files = {file};
  if (const char* list = std::getenv("SSL_CERT_DIR"); list && *list) {
    trust.directories.clear();
    for (std::string_view rest = list;;) {
      const auto colon = rest.find(':');
      trust.directories.emplace_back(rest.substr(0, colon));
      if (colon == std::string_view::npos) break;
      rest.remove_prefix(colon + 1);
    }
  }
  return trust;
}

std::shared_ptr<const Pool> load_pool(const SystemTrust& trust) {
  auto pool = std::make_shared<Pool>();
  for (const auto& file : trust.files) {
    if (auto text = files::read(file)) {
      pool->add_pem(*text);
      break;
    }
  }
  for (const auto& directory : trust.directories) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
      if (is_alias(entry) || !entry.is_regular_file(error)) continue;
      if (auto text = files::read(entry.path().string())) pool->add_pem(*text);
    }
  }
  return pool;
}

std::shared_ptr<const Pool> system_pool() {
  static const std::shared_ptr<const Pool> pool = load_pool(system_trust());
  return pool;
}

}  // namespace gatepost::x509
