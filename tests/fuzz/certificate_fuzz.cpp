// A certificate as DER, as a PEM bundle and as a peer's chain: none of them may fail but in words.
#include <cstdint>
#include <string>
#include <string_view>

#include "x509/hostname.h"
#include "x509/pem.h"
#include "x509/pool.h"
#include "x509/verify.h"

using namespace gatepost;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  x509::Pool pool;
  pool.add_pem(bytes);
  if (auto bundle = x509::pool_from_ca_bundle(bytes); !bundle && bundle.error().text.empty()) __builtin_trap();
  auto certificate = x509::parse_certificate(bytes);
  if (!certificate) {
    if (certificate.error().text.empty()) __builtin_trap();
    return 0;
  }
  const auto& parsed = **certificate;
  (void)parsed.subject.text();
  (void)parsed.serial_text();
  (void)parsed.sha256_fingerprint();
  (void)x509::verify_hostname(parsed, "a.example.com");
  pool.add(*certificate);
  const x509::VerifyOptions options{
      .name = "", .now = std::chrono::system_clock::time_point{}, .usage = x509::ExtKeyUsage::any};
  (void)x509::verify(*certificate, pool, pool, options);
  // The same chain against a root that is only its namesake.
  x509::Pool empty;
  (void)x509::verify(*certificate, pool, empty, options);
  return 0;
}
