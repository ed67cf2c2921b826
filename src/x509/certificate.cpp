#include "x509/certificate.h"

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <unordered_set>

#include "x509/algorithms.h"
#include "x509/der.h"
#include "x509/extensions.h"
#include "x509/openssl.h"
#include "x509/pem.h"
#include "x509/public_key.h"
#include "x509/text.h"

namespace gatepost::x509 {
namespace {

std::string fingerprint(std::string_view bytes, const EVP_MD* hash) {
  prepare_openssl();
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest, &size, hash, nullptr);
  return hex({reinterpret_cast<const char*>(digest), size});
}

Failure<Error> malformed(const char* what) {
  return fail(std::string("x509: malformed ") + what);
}

Result<std::chrono::sys_seconds> read_time(Der& validity) {
  const bool utc = validity.next_is(tag::utc_time);
  bool known = false;
  auto time = validity.time(known);
  if (!known) return fail("x509: unsupported time format");
  if (!time) return malformed(utc ? "UTCTime" : "GeneralizedTime");
  return *time;
}

Result<void> read_version(Certificate& certificate, Der& tbs) {
  if (tbs.next_is(tag::context_constructed(0))) {
    auto field = tbs.enter(tag::context_constructed(0));
    auto version = field ? field->small_integer() : std::nullopt;
    if (!version || !field->empty() || *version < 0) return malformed("version");
    if (*version > 2) return fail("x509: invalid version");
    certificate.version = static_cast<int>(*version);
  }
  ++certificate.version;
  return {};
}

Result<void> read_signature_algorithm(Certificate& certificate, std::string_view identifier) {
  Der fields(identifier);
  auto oid = fields.oid();
  if (!oid) return malformed("OID");
  const std::string_view parameters = fields.rest();
  if (!parameters.empty() && !fields.any()) return malformed("parameters");
  certificate.signature_algorithm = signature_algorithm(*oid, parameters);
  return {};
}

Result<void> read_extension_list(Certificate& certificate, Der& tbs) {
  for (const std::uint8_t unique_id : {tag::context(1), tag::context(2)}) {
    if (tbs.next_is(unique_id) && !tbs.any()) {
      return malformed(unique_id == tag::context(1) ? "issuerUniqueID" : "subjectUniqueID");
    }
  }
  if (certificate.version != 3 || !tbs.next_is(tag::context_constructed(3))) return {};
  auto field = tbs.enter(tag::context_constructed(3));
  auto list = field ? field->enter(tag::sequence) : std::nullopt;
  if (!list) return malformed("extensions");
  std::unordered_set<std::string_view> seen;
  while (!list->empty()) {
    auto fields = list->enter(tag::sequence);
    if (!fields) return malformed("extension");
    Extension extension;
    auto oid = fields->oid();
    if (!oid) return malformed("extension OID field");
    extension.oid = *oid;
    if (fields->next_is(tag::boolean)) {
      auto critical = fields->boolean();
      if (!critical) return malformed("extension critical field");
      extension.critical = *critical;
    }
    auto value = fields->content(tag::octet_string);
    if (!value) return malformed("extension value field");
    extension.value = *value;
    if (!seen.insert(*oid).second) {
      return fail("x509: certificate contains duplicate extension with OID " + quoted(oid_text(*oid)));
    }
    certificate.extensions.push_back(extension);
  }
  return read_extensions(certificate);
}

// The fields of a TBSCertificate in their order; `outer_algorithm` is the identifier beside the signature.
Result<void> read_tbs(Certificate& certificate, Der tbs, Der& outer) {
  if (auto read = read_version(certificate, tbs); !read) return read;
  auto serial = tbs.integer();
  if (!serial) return malformed("serial number");
  if (static_cast<std::int8_t>((*serial)[0]) < 0) return fail("x509: negative serial number");
  certificate.serial_number = *serial;

  auto algorithm = tbs.content(tag::sequence);
  if (!algorithm) return malformed("signature algorithm identifier");
  auto outer_algorithm = outer.content(tag::sequence);
  if (!outer_algorithm) return malformed("algorithm identifier");
  if (*algorithm != *outer_algorithm) {
    return fail("x509: inner and outer signature algorithm identifiers don't match");
  }
  if (auto read = read_signature_algorithm(certificate, *algorithm); !read) return read;

  auto issuer = tbs.element(tag::sequence);
  if (!issuer) return malformed("issuer");
  certificate.raw_issuer = issuer->whole;
  auto issuer_name = parse_name(issuer->whole);
  if (!issuer_name) return fail_with(issuer_name.error());
  certificate.issuer = std::move(*issuer_name);

  auto validity = tbs.enter(tag::sequence);
  if (!validity) return malformed("validity");
  auto not_before = read_time(*validity);
  if (!not_before) return fail_with(not_before.error());
  auto not_after = read_time(*validity);
  if (!not_after) return fail_with(not_after.error());
  certificate.not_before = *not_before;
  certificate.not_after = *not_after;

  auto subject = tbs.element(tag::sequence);
  if (!subject) return malformed("issuer");  // Go's word, also for the subject
  certificate.raw_subject = subject->whole;
  auto subject_name = parse_name(subject->whole);
  if (!subject_name) return fail_with(subject_name.error());
  certificate.subject = std::move(*subject_name);

  auto key = tbs.element(tag::sequence);
  if (!key) return malformed("spki");
  certificate.public_key_info = key->whole;
  if (auto read = read_public_key(certificate); !read) return read;
  return certificate.version > 1 ? read_extension_list(certificate, tbs) : Result<void>{};
}

}  // namespace

Result<CertificatePtr> parse_certificate(std::string der) {
  auto certificate = std::make_shared<Certificate>();
  certificate->der = std::move(der);
  Der input(certificate->der);
  auto outer = input.enter(tag::sequence);
  if (!outer) return malformed("certificate");
  auto tbs = outer->element(tag::sequence);
  if (!tbs) return malformed("tbs certificate");
  certificate->tbs = tbs->whole;
  if (auto read = read_tbs(*certificate, Der(tbs->content), *outer); !read) return fail_with(read.error());
  auto signature = outer->bit_string();
  if (!signature) return malformed("signature");
  // Signatures are whole bytes; a rest of bits cannot verify.
  certificate->signature = signature->bytes;
  if (!input.empty()) return fail("x509: trailing data");
  return CertificatePtr(std::move(certificate));
}

Result<std::vector<CertificatePtr>> parse_certificates_pem(std::string_view pem) {
  std::vector<CertificatePtr> found;
  while (auto block = decode_pem(pem)) {
    if (block->type != "CERTIFICATE" || !block->headers.empty()) continue;
    auto certificate = parse_certificate(std::move(block->bytes));
    if (!certificate) return fail_with(certificate.error());
    found.push_back(std::move(*certificate));
  }
  if (found.empty()) return fail("no PEM block of type CERTIFICATE found");
  return found;
}

std::string Certificate::serial_text() const {
  BIGNUM* number = BN_bin2bn(reinterpret_cast<const unsigned char*>(serial_number.data()),
                             static_cast<int>(serial_number.size()), nullptr);
  char* digits = BN_bn2dec(number);
  std::string text = digits;
  OPENSSL_free(digits);
  BN_free(number);
  return text;
}

std::string Certificate::sha256_fingerprint() const {
  return fingerprint(der, EVP_sha256());
}
std::string Certificate::sha1_fingerprint() const {
  return fingerprint(der, EVP_sha1());
}

std::string_view Certificate::raw_san() const {
  for (const auto& extension : extensions) {
    if (extension.oid == std::string_view("\x55\x1d\x11", 3)) return extension.value;
  }
  return {};
}

}  // namespace gatepost::x509
