#include "simulate/fault.h"

#include "x509/issue.h"
#include "x509/verify.h"

namespace gatepost::simulate {
namespace {

using std::chrono::hours;

// An authority, the one that came after it under the same name, and a leaf of each: the old one's has ended.
class Texts final : public FaultTexts {
 public:
  explicit Texts(WallTime start) {
    const auto now = std::chrono::floor<std::chrono::seconds>(start);
    constexpr hours day(24), years(24 * 365 * 20);
    x509::IssueOptions authority;
    authority.common_name = "webhook-ca";
    authority.not_before = now - years;
    authority.not_after = now + years;
    authority.kind = x509::CertificateKind::authority;
    auto old_authority = x509::issue(authority), new_authority = x509::issue(authority);
    if (!old_authority || !new_authority) return;
    pool_.add_pem(old_authority->certificate_pem);
    x509::IssueOptions leaf;
    leaf.common_name = "webhook";
    leaf.names = {name};
    leaf.not_before = now - years;
    leaf.not_after = now - day;
    if (auto issued = x509::issue(leaf, &*old_authority)) expired_ = der(*issued);
    leaf.not_after = now + years;
    if (auto issued = x509::issue(leaf, &*new_authority)) rotated_ = der(*issued);
  }

  net::Error error(Fault fault, std::string_view address, std::string_view, WallTime now) const override {
    switch (fault) {
      case Fault::refusing:
        return {net::ErrorKind::connection_refused,
                "dial tcp " + std::string(address) + ": connect: connection refused"};
      case Fault::expired_certificate:
        return {net::ErrorKind::certificate, "tls: failed to verify certificate: " + verdict(expired_, now)};
      case Fault::rotated_ca:
        return {net::ErrorKind::certificate, "tls: failed to verify certificate: " + verdict(rotated_, now)};
      case Fault::slow:
      case Fault::none:
        break;
    }
    return {net::ErrorKind::deadline_exceeded, "context deadline exceeded"};
  }

 private:
  static constexpr const char* name = "webhook.example";

  static std::string der(const x509::Issued& issued) {
    auto bytes = x509::first_certificate_der(issued.certificate_pem);
    return bytes ? std::move(*bytes) : std::string();
  }

  std::string verdict(const std::string& leaf, WallTime now) const {
    const std::string sent[] = {leaf};
    auto judged = x509::verify_peer(sent, &pool_, {name, now});
    return judged ? "x509: certificate signed by unknown authority" : judged.error().text;
  }

  x509::Pool pool_;
  std::string expired_, rotated_;
};

}  // namespace

std::shared_ptr<const FaultTexts> FaultTexts::make(WallTime start) {
  return std::make_shared<Texts>(start);
}

}  // namespace gatepost::simulate
