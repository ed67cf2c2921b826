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

}  // namespace gatepost::report
