// How long a certificate still holds, judged by the thresholds of the settings.
#pragma once

#include <optional>
#include <string>

#include "lint/model.h"
#include "x509/certificate.h"

namespace gatepost::lint {

struct Remaining {
  std::optional<report::Severity> severity;  // nothing: long enough
  std::string text;                          // "expires in 5 days (2026-11-30T...Z)"
};

Remaining remaining(const x509::Certificate& certificate, const Model& model);

}  // namespace gatepost::lint
