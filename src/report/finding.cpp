#include "report/finding.h"

namespace gatepost::report {

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::failed:
      return "failed";
    case Outcome::denied:
      return "denied";
    case Outcome::conversion:
      return "conversion";
    case Outcome::other_subsystem:
      return "other-subsystem";
    case Outcome::failing_open:
      return "failing-open";
  }
  return "failed";
}

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::error:
      return "error";
    case Severity::warning:
      return "warning";
    case Severity::info:
      return "info";
  }
  return "error";
}

std::string_view to_string(WebhookLine::State state) {
  switch (state) {
    case WebhookLine::State::healthy:
      return "healthy";
    case WebhookLine::State::unhealthy:
      return "unhealthy";
    case WebhookLine::State::unknown:
      return "unknown";
  }
  return "unknown";
}

}  // namespace gatepost::report
