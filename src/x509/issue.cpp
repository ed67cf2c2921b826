#include "x509/issue.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "x509/algorithms.h"
#include "x509/openssl.h"
#include "x509/pem.h"
#include "x509/text.h"

namespace gatepost::x509 {
namespace {

using GeneralNames = std::unique_ptr<GENERAL_NAMES, OpensslFree<GENERAL_NAMES_free>>;
using Constraints = std::unique_ptr<NAME_CONSTRAINTS, OpensslFree<NAME_CONSTRAINTS_free>>;

OpensslBio read_only(std::string_view text) {
  return OpensslBio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string drained(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

Result<EvpKey> key_of(const std::string& pem) {
  auto bio = read_only(pem);
  EvpKey key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (!key) return fail("the private key is no PEM that can be read");
  return key;
}

EvpKey new_key(KeyKind kind) {
  return EvpKey(kind == KeyKind::rsa_2048 ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256"));
}

std::string key_text(EVP_PKEY* key) {
  OpensslBio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  return drained(bio.get());
}

void add_name_entry(X509_NAME* name, const char* field, const std::string& value) {
  X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(value.data()),
                             static_cast<int>(value.size()), -1, 0);
}

void set_serial(X509* certificate) {
  unsigned char bytes[16];
  RAND_bytes(bytes, sizeof bytes);
  bytes[0] = static_cast<unsigned char>((bytes[0] & 0x7f) | 0x40);  // positive, and always 16 bytes
  BIGNUM* number = BN_bin2bn(bytes, sizeof bytes, nullptr);
  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
  BN_free(number);
}

void set_time(ASN1_TIME* field, std::chrono::sys_seconds time) {
  ASN1_TIME_set(field, time.time_since_epoch().count());
}

enum class Critical : int { no = 0, yes = 1 };

void add_extension(X509* certificate, int nid, void* value, Critical critical) {
  X509_add1_ext_i2d(certificate, nid, value, static_cast<int>(critical), X509V3_ADD_DEFAULT);
}

ASN1_IA5STRING* ia5(const std::string& text) {
  ASN1_IA5STRING* string = ASN1_IA5STRING_new();
  ASN1_STRING_set(string, text.data(), static_cast<int>(text.size()));
  return string;
}

GENERAL_NAME* general_name(const std::string& name) {
  GENERAL_NAME* general = GENERAL_NAME_new();
  if (auto ip = parse_ip(name)) {
    ASN1_OCTET_STRING* bytes = ASN1_OCTET_STRING_new();
    ASN1_OCTET_STRING_set(bytes, reinterpret_cast<const unsigned char*>(ip->data()), static_cast<int>(ip->size()));
    GENERAL_NAME_set0_value(general, GEN_IPADD, bytes);
  } else {
    GENERAL_NAME_set0_value(general, GEN_DNS, ia5(name));
  }
  return general;
}

void add_names(X509* certificate, const std::vector<std::string>& names) {
  if (names.empty()) return;
  GeneralNames list(GENERAL_NAMES_new());
  for (const auto& name : names) sk_GENERAL_NAME_push(list.get(), general_name(name));
  add_extension(certificate, NID_subject_alt_name, list.get(), Critical::no);
}

void add_usages(X509* certificate, const std::vector<ExtKeyUsage>& usages) {
  if (usages.empty()) return;
  EXTENDED_KEY_USAGE* list = EXTENDED_KEY_USAGE_new();
  for (ExtKeyUsage usage : usages) {
    sk_ASN1_OBJECT_push(list, OBJ_txt2obj(std::string(ext_key_usage_oid(usage)).c_str(), 1));
  }
  add_extension(certificate, NID_ext_key_usage, list, Critical::no);
  EXTENDED_KEY_USAGE_free(list);
}

void add_basic_constraints(X509* certificate, const IssueOptions& options) {
  BASIC_CONSTRAINTS* constraints = BASIC_CONSTRAINTS_new();
  constraints->ca = options.kind == CertificateKind::authority ? 0xff : 0;
  if (options.max_path_len) {
    constraints->pathlen = ASN1_INTEGER_new();
    ASN1_INTEGER_set(constraints->pathlen, static_cast<long>(*options.max_path_len));
  }
  add_extension(certificate, NID_basic_constraints, constraints, Critical::yes);
  BASIC_CONSTRAINTS_free(constraints);
}

void add_key_usage(X509* certificate, CertificateKind kind) {
  ASN1_BIT_STRING* bits = ASN1_BIT_STRING_new();
  ASN1_BIT_STRING_set_bit(bits, 0, 1);  // digitalSignature
  if (kind == CertificateKind::authority) {
    ASN1_BIT_STRING_set_bit(bits, 5, 1);  // keyCertSign
    ASN1_BIT_STRING_set_bit(bits, 6, 1);  // cRLSign
  }
  add_extension(certificate, NID_key_usage, bits, Critical::yes);
  ASN1_BIT_STRING_free(bits);
}

void add_subtrees(stack_st_GENERAL_SUBTREE*& into, const std::vector<std::string>& names) {
  if (names.empty()) return;
  into = sk_GENERAL_SUBTREE_new_null();
  for (const auto& name : names) {
    GENERAL_SUBTREE* subtree = GENERAL_SUBTREE_new();
    GENERAL_NAME_set0_value(subtree->base, GEN_DNS, ia5(name));
    sk_GENERAL_SUBTREE_push(into, subtree);
  }
}

void add_name_constraints(X509* certificate, const IssueOptions& options) {
  if (options.permitted_dns.empty() && options.excluded_dns.empty()) return;
  Constraints constraints(NAME_CONSTRAINTS_new());
  add_subtrees(constraints->permittedSubtrees, options.permitted_dns);
  add_subtrees(constraints->excludedSubtrees, options.excluded_dns);
  add_extension(certificate, NID_name_constraints, constraints.get(), Critical::yes);
}

// SHA-1 of the public key's bits, RFC 5280's first method.
void add_subject_key_id(X509* certificate) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  X509_pubkey_digest(certificate, EVP_sha1(), digest, &size);
  ASN1_OCTET_STRING* id = ASN1_OCTET_STRING_new();
  ASN1_OCTET_STRING_set(id, digest, static_cast<int>(size));
  add_extension(certificate, NID_subject_key_identifier, id, Critical::no);
  ASN1_OCTET_STRING_free(id);
}

void add_authority_key_id(X509* certificate, X509* issuer) {
  const ASN1_OCTET_STRING* key_id = X509_get0_subject_key_id(issuer);
  if (!key_id) return;
  AUTHORITY_KEYID* id = AUTHORITY_KEYID_new();
  id->keyid = ASN1_OCTET_STRING_dup(key_id);
  add_extension(certificate, NID_authority_key_identifier, id, Critical::no);
  AUTHORITY_KEYID_free(id);
}

}  // namespace

Result<Issued> issue(const IssueOptions& options, const Issued* issuer) {
  prepare_openssl();
  EvpKey key;
  if (options.key_pem.empty()) {
    key = new_key(options.key);
    if (!key) return fail("no key could be made: the random source failed");
  } else {
    auto read = key_of(options.key_pem);
    if (!read) return fail_with(read.error());
    key = std::move(*read);
  }

  OpensslX509 certificate(X509_new());
  X509* raw = certificate.get();
  X509_set_version(raw, 2);  // counted from 0: version 3
  set_serial(raw);
  set_time(X509_getm_notBefore(raw), options.not_before);
  set_time(X509_getm_notAfter(raw), options.not_after);
  X509_set_pubkey(raw, key.get());
  X509_NAME* subject = X509_get_subject_name(raw);
  for (const auto& organization : options.organizations) add_name_entry(subject, "O", organization);
  if (!options.common_name.empty()) add_name_entry(subject, "CN", options.common_name);

  add_basic_constraints(raw, options);
  add_key_usage(raw, options.kind);
  if (options.kind == CertificateKind::leaf) {
    add_usages(raw, options.usages);
  } else {
    add_subject_key_id(raw);
    add_name_constraints(raw, options);
  }
  add_names(raw, options.names);

  EVP_PKEY* signer = key.get();
  EvpKey issuer_key;
  if (issuer) {
    auto bio = read_only(issuer->certificate_pem);
    OpensslX509 authority(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    ERR_clear_error();
    if (!authority) return fail("the issuer's certificate is no PEM that can be read");
    auto read = key_of(issuer->key_pem);
    if (!read) return fail_with(read.error());
    issuer_key = std::move(*read);
    signer = issuer_key.get();
    X509_set_issuer_name(raw, X509_get_subject_name(authority.get()));
    add_authority_key_id(raw, authority.get());
  } else {
    X509_set_issuer_name(raw, subject);
  }
  if (X509_sign(raw, signer, EVP_sha256()) == 0) {
    ERR_clear_error();
    return fail("the certificate could not be signed with the issuer's key");
  }
  OpensslBio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), raw);
  return Issued{drained(bio.get()), key_text(key.get())};
}

Result<std::string> first_certificate_der(std::string_view pem) {
  while (auto block = decode_pem(pem)) {
    if (block->type == "CERTIFICATE") return std::move(block->bytes);
  }
  return fail("no PEM block of type CERTIFICATE found");
}

}  // namespace gatepost::x509
