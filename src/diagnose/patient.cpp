#include "diagnose/patient.h"

#include <algorithm>
#include <fmt/format.h>

#include "explain/grammar.h"

namespace gatepost::diagnose {

std::string url_of(const Subject& subject) {
  if (!subject.by_service()) return subject.url;
  return fmt::format("https://{}:{}{}{}", subject.server_name(), subject.port,
                     subject.path.starts_with('/') || subject.path.empty() ? "" : "/", subject.path);
}

bool take_error(const std::string& text, Patient& patient) {
  for (const explain::Occurrence& error : explain::read_text(text)) {
    if (error.webhook != patient.subject.name()) continue;
    if (error.outcome == report::Outcome::denied) return false;  // the backend answered
    report::Finding& finding = patient.found.finding;
    finding.cause = error.cause;
    finding.tail = error.tail;
    finding.target = error.target;
    patient.state = Patient::State::unhealthy;
    return true;
  }
  return false;
}

bool denies(const std::string& text, const Subject& subject) {
  const auto errors = explain::read_text(text);
  return std::any_of(errors.begin(), errors.end(), [&](const explain::Occurrence& error) {
    return error.webhook == subject.name() && error.outcome == report::Outcome::denied;
  });
}

void take_tail(const std::string& tail, Patient& patient) {
  const Subject& subject = patient.subject;
  take_error(fmt::format("failed calling webhook \"{}\": {}", subject.name(), tail), patient);
}

std::string vantage_text(std::string_view vantage) {
  if (vantage == "dry run") return "a dry run: the API server itself made the call";
  if (vantage == "direct call") return "a direct call from this machine, with the API server's trust and name";
  if (vantage == "service proxy")
    return "the API server's service proxy: reachability from the control plane, no certificate";
  if (vantage == "port-forward") return "a port-forward to the pod: its certificate, not the control plane's way to it";
  if (vantage == "given error") return "the error that was given; the cluster does not show it at present";
  return "the cluster's objects alone, which are proof enough";
}

std::string unsettled_text(const Subject& subject) {
  if (!subject.fails_closed())
    return "it fails open, so a dry run proves nothing; a call from inside the cluster would settle it";
  return fmt::format(
      "no dry run could be made for what it asks for; kubectl apply --dry-run=server of a matching "
      "object would settle it");
}

}  // namespace gatepost::diagnose
