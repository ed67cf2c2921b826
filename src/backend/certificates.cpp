#include "backend/certificates.h"

namespace gatepost::backend {
namespace {

using std::chrono::sys_days;
using std::chrono::year;

constexpr std::chrono::sys_seconds long_ago = sys_days(year(2020) / 1 / 1);
constexpr std::chrono::sys_seconds expired_at = sys_days(year(2020) / 1 / 2);
constexpr std::chrono::sys_seconds far_future = sys_days(year(2190) / 1 / 1);
constexpr std::chrono::sys_seconds end_of_time = sys_days(year(2199) / 1 / 1);

}  // namespace

Result<x509::Issued> make_authority(const std::string& name) {
  x509::IssueOptions options;
  options.common_name = name;
  options.kind = x509::CertificateKind::authority;
  options.usages = {};
  options.not_before = long_ago;
  options.not_after = end_of_time;
  return x509::issue(options);
}

namespace {

Result<x509::Issued> make_intermediate(const x509::Issued& authority) {
  x509::IssueOptions options;
  options.common_name = "gatepost-backend-intermediate";
  options.kind = x509::CertificateKind::authority;
  options.usages = {};
  options.not_before = long_ago;
  options.not_after = end_of_time;
  return x509::issue(options, &authority);
}

Result<x509::Issued> issued_by(const Result<x509::Issued>& issuer, const x509::IssueOptions& options) {
  if (!issuer) return issuer;
  return x509::issue(options, &*issuer);
}

}  // namespace

Result<x509::Issued> make_certificate(Certificate which, const std::vector<std::string>& names,
                                      const x509::Issued& authority) {
  x509::IssueOptions options;
  options.common_name = "webhook-backend";
  options.names = {"localhost", "127.0.0.1"};
  options.names.insert(options.names.end(), names.begin(), names.end());
  options.not_before = long_ago;
  options.not_after = end_of_time;
  switch (which) {
    case Certificate::good:
      break;
    case Certificate::expired:
      options.not_after = expired_at;
      break;
    case Certificate::not_yet_valid:
      options.not_before = far_future;
      break;
    case Certificate::wrong_name:
      options.names = {"elsewhere.example.com"};
      break;
    case Certificate::no_san:
      options.names.clear();
      break;
    case Certificate::client_usage:
      options.usages = {x509::ExtKeyUsage::client_auth};
      break;
    case Certificate::self_signed:
      return x509::issue(options);
    case Certificate::unknown_authority:
      return issued_by(make_authority("another-ca"), options);
    case Certificate::same_name_authority:
      return issued_by(make_authority(std::string(authority_name)), options);
    case Certificate::missing_chain:
      return issued_by(make_intermediate(authority), options);
  }
  return x509::issue(options, &authority);
}

}  // namespace gatepost::backend
