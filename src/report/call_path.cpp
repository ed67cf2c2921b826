#include "report/call_path.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <optional>

namespace gatepost::report {
namespace {

enum Place { api_server, service, endpoints, pod, tls, answer };

struct Where {
  std::string_view cause;  // or root cause
  Place place;
};

// A root cause tells more than the cause that it stands behind, and comes first.
const Where roots[] = {
    {"backend-crashloop", pod},     {"backend-oom-killed", pod},       {"backend-unschedulable", pod},
    {"backend-image-pull", pod},    {"backend-not-ready", pod},        {"backend-scaled-to-zero", pod},
    {"self-deadlock", pod},         {"mutual-deadlock", pod},          {"selector-matches-nothing", endpoints},
    {"namespace-missing", service}, {"service-port-missing", service}, {"stale-configuration", service},
    {"target-port-mismatch", pod},  {"container-not-listening", pod},  {"network-policy-blocks", pod},
    {"control-plane-blocked", pod}, {"tunnel-broken", api_server},     {"proxy-in-between", answer},
};

const Where causes[] = {
    {"service-not-found", service},
    {"no-endpoints", endpoints},
    {"connection-refused", pod},
    {"connection-timeout", pod},
    {"no-route", pod},
    {"dns", service},
    {"proxy", api_server},
    {"tunnel", api_server},
    {"connection-reset", tls},
    {"eof", tls},
    {"tls-handshake-timeout", tls},
    {"unknown-authority", tls},
    {"cert-expired", tls},
    {"cert-not-yet-valid", tls},
    {"name-mismatch", tls},
    {"no-san", tls},
    {"key-usage", tls},
    {"not-tls", tls},
    {"tls-alert", tls},
    {"tls-version", tls},
    {"bad-ca-bundle", tls},
    {"deadline-exceeded", answer},
    {"http-status", answer},
    {"not-found-path", answer},
    {"bad-response", answer},
    {"bad-uid", answer},
    {"wrong-review-version", answer},
    {"request-budget-exhausted", api_server},
};

std::optional<Place> place_of(const Where* begin, const Where* end, std::string_view id) {
  const Where* found = std::find_if(begin, end, [&](const Where& one) { return one.cause == id; });
  if (found == end) return std::nullopt;
  return found->place;
}

std::optional<Place> broken_at(const Finding& finding) {
  auto place = place_of(std::begin(roots), std::end(roots), finding.root_cause);
  if (place) return place;
  place = place_of(std::begin(causes), std::end(causes), finding.cause);
  // A deadline says only that the time was over; the step that did not end says where.
  const auto open =
      std::find_if(finding.latencies.begin(), finding.latencies.end(), [](const Latency& one) { return !one.ended; });
  if (finding.cause == "deadline-exceeded" && open != finding.latencies.end()) {
    if (open->step == "dial") return pod;
    if (open->step == "TLS handshake") return tls;
  }
  return place;
}

}  // namespace

std::vector<Hop> call_path(const Finding& finding) {
  const auto place = broken_at(finding);
  if (!place || finding.webhook.empty()) return {};
  const std::string service_note = finding.service + (finding.port ? fmt::format(":{}", *finding.port) : std::string());
  const std::pair<Place, Hop> all[] = {
      {api_server, {Hop::State::passed, "API server", ""}},
      {service, {Hop::State::passed, "Service", service_note}},
      {endpoints, {Hop::State::passed, "endpoints", ""}},
      {pod, {Hop::State::passed, "pod", ""}},
      {tls, {Hop::State::passed, "TLS", ""}},
      {answer, {Hop::State::passed, "answer", ""}},
  };
  std::vector<Hop> out;
  for (const auto& [at, hop] : all) {
    if (finding.service.empty() && (at == service || at == endpoints)) continue;
    out.push_back(hop);
    out.back().state = at < *place ? Hop::State::passed : at == *place ? Hop::State::broken : Hop::State::not_reached;
    if (finding.service.empty() && at == pod) out.back().name = "host", out.back().note = finding.target;
    if (at == *place) out.back().note = finding.root_cause.empty() ? finding.cause : finding.root_cause;
  }
  return out;
}

std::string call_path_text(const Finding& finding) {
  std::string out;
  for (const Hop& hop : call_path(finding)) {
    if (hop.state == Hop::State::not_reached) break;
    if (!out.empty()) out += " > ";
    out += hop.state == Hop::State::broken ? "[" + hop.name + "]" : hop.name;
  }
  return out;
}

}  // namespace gatepost::report
