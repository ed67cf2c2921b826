#include "remedy/issue.h"

#include "x509/issue.h"

namespace gatepost::remedy {
namespace {

constexpr auto clock_skew = std::chrono::minutes(5);
constexpr std::size_t longest_common_name = 64;  // X.509's bound

}  // namespace

Result<ServingCertificate> issue_serving(const IssueRequest& request) {
  if (request.names.empty()) return fail("a certificate needs at least one name");
  const auto now = std::chrono::floor<std::chrono::seconds>(request.now);
  x509::IssueOptions authority;
  authority.common_name = "gatepost-ca " + rfc3339(request.now);
  authority.kind = x509::CertificateKind::authority;
  authority.max_path_len = 0;
  authority.not_before = now - clock_skew;
  authority.not_after = now + request.lifetime;
  auto ca = x509::issue(authority);
  if (!ca) return fail_with(std::move(ca.error()));
  x509::IssueOptions leaf;
  leaf.common_name = request.names.front().substr(0, longest_common_name);
  leaf.names = request.names;
  leaf.not_before = now - clock_skew;
  leaf.not_after = now + request.lifetime;
  auto issued = x509::issue(leaf, &*ca);
  if (!issued) return fail_with(std::move(issued.error()));
  return ServingCertificate{ca->certificate_pem, issued->certificate_pem, issued->key_pem};
}

}  // namespace gatepost::remedy
