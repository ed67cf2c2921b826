// Certificates made for tests, at a fixed time.
#pragma once

#include <gtest/gtest.h>

#include "x509/issue.h"
#include "x509/pool.h"
#include "x509/verify.h"

namespace gatepost::x509::testing {

using namespace std::chrono;

constexpr sys_seconds from = sys_days{year{2020} / 1 / 1};
constexpr sys_seconds until = sys_days{year{2199} / 1 / 1};
inline const WallTime now = sys_days{year{2026} / 11 / 25} + hours{3} + minutes{57} + seconds{39} + milliseconds{250};

inline Issued made(IssueOptions options, const Issued* issuer = nullptr) {
  if (options.not_before == sys_seconds{}) options.not_before = from;
  if (options.not_after == sys_seconds{}) options.not_after = until;
  auto issued = issue(options, issuer);
  EXPECT_TRUE(issued) << issued.error().text;
  return *issued;
}

inline Issued authority(std::string name, const Issued* issuer = nullptr) {
  return made({.common_name = std::move(name), .kind = CertificateKind::authority}, issuer);
}

inline std::string der(const Issued& issued) {
  return *first_certificate_der(issued.certificate_pem);
}

inline CertificatePtr parsed(const Issued& issued) {
  auto certificate = parse_certificate(der(issued));
  EXPECT_TRUE(certificate) << certificate.error().text;
  return *certificate;
}

inline Pool pool_of(std::initializer_list<const Issued*> authorities) {
  Pool pool;
  for (const Issued* one : authorities) EXPECT_TRUE(pool.add_pem(one->certificate_pem));
  return pool;
}

}  // namespace gatepost::x509::testing
