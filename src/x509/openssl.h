// OpenSSL, prepared for this program: its machine-wide configuration file is not read (an /etc/ssl/openssl.cnf must not
// change which peers we speak to, and reading it costs start-up time), and its objects get owners.
#pragma once

#include <memory>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

namespace gatepost::x509 {

// Call before any other use of OpenSSL; cheap to repeat.
void prepare_openssl();

template <auto Free>
struct OpensslFree {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using EvpKey = std::unique_ptr<EVP_PKEY, OpensslFree<EVP_PKEY_free>>;
using EvpMdContext = std::unique_ptr<EVP_MD_CTX, OpensslFree<EVP_MD_CTX_free>>;
using EvpKeyContext = std::unique_ptr<EVP_PKEY_CTX, OpensslFree<EVP_PKEY_CTX_free>>;
using OpensslX509 = std::unique_ptr<X509, OpensslFree<X509_free>>;
using OpensslBio = std::unique_ptr<BIO, OpensslFree<BIO_free>>;

}  // namespace gatepost::x509
