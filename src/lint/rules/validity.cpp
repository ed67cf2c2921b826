#include "lint/rules/validity.h"

#include <fmt/format.h>

#include "x509/text.h"

namespace gatepost::lint {

Remaining remaining(const x509::Certificate& certificate, const Model& model) {
  const auto now = std::chrono::floor<std::chrono::seconds>(model.now());
  const Thresholds& limits = model.settings().thresholds;
  const std::string end = x509::date_text(certificate.not_after);
  if (certificate.not_after < now) return {report::Severity::error, fmt::format("expired on {}", end)};
  const auto days = std::chrono::floor<std::chrono::days>(certificate.not_after - now).count();
  if (days >= limits.expiry_warning) return {};
  return {days < limits.expiry_error ? report::Severity::error : report::Severity::warning,
          fmt::format("expires in {} days, on {}", days, end)};
}

}  // namespace gatepost::lint
