#include "diagnose/diagnose.h"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <optional>

#include "diagnose/backend.h"
#include "diagnose/ca_injection.h"
#include "diagnose/certificates.h"
#include "diagnose/deadlock.h"
#include "diagnose/impact.h"
#include "diagnose/nearest.h"
#include "diagnose/network_policy.h"
#include "diagnose/pods.h"
#include "diagnose/root_cause.h"
#include "diagnose/vantage.h"
#include "explain/grammar.h"
#include "net/url.h"

namespace gatepost::diagnose {
namespace {

constexpr std::size_t most_dry_runs = 100;
constexpr std::size_t most_direct_calls = 50;
constexpr int kubelet_port = 10250;

// One webhook on its way through the checks.
struct Patient {
  Subject subject;
  Backend backend;
  Case found;
  enum class State { unknown, healthy, unhealthy } state = State::unknown;
  std::optional<DirectAnswer> direct;
};

std::string url_of(const Subject& subject) {
  if (!subject.by_service()) return subject.url;
  return fmt::format("https://{}:{}{}{}", subject.server_name(), subject.port,
                     subject.path.starts_with('/') || subject.path.empty() ? "" : "/", subject.path);
}

// Takes over what a text says of this webhook. False where it says nothing of it.
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

// Who is diagnosed: everybody, or those that are named (also by an error's text).
Result<std::vector<Patient>, DiagnoseError> choose(std::vector<Subject> all, const DiagnoseOptions& options) {
  std::vector<std::string> wanted = options.names, known;
  if (!options.error.empty())
    for (const explain::Occurrence& error : explain::read_text(options.error))
      if (!error.webhook.empty()) wanted.push_back(error.webhook);
  std::vector<Patient> out;
  for (Subject& subject : all) {
    known.push_back(subject.configuration);
    known.push_back(subject.name());
    const bool chosen = wanted.empty() || std::any_of(wanted.begin(), wanted.end(), [&](const std::string& name) {
                          return name == subject.configuration || name == subject.name();
                        });
    if (!chosen) continue;
    Patient patient;
    patient.subject = std::move(subject);
    out.push_back(std::move(patient));
  }
  if (out.empty() && !wanted.empty()) {
    const auto similar = nearest(wanted.front(), known);
    return fail_with(
        DiagnoseError{DiagnoseError::Kind::use,
                      fmt::format("there is no webhook or configuration called {}{}", wanted.front(),
                                  similar.empty() ? "" : fmt::format("; there are {}", fmt::join(similar, ", ")))});
  }
  return out;
}

// The API server makes the call itself; one dry run tells of all webhooks that it meets.
net::Task<void> try_dry_runs(client::Rest* rest, const Cluster* cluster, std::vector<Patient>* patients) {
  std::map<std::string, DryRunAnswer> answers;
  for (Patient& patient : *patients) {
    if (patient.state != Patient::State::unknown) continue;
    const DryRun run = dry_run_for(patient.subject, *cluster);
    if (run.path.empty()) continue;
    auto known = answers.find(run.path + run.body);
    if (known == answers.end()) {
      if (answers.size() >= most_dry_runs) continue;
      auto reply = co_await rest->call("POST", run.path, run.body);
      DryRunAnswer answer;
      if (reply) answer = {reply->status, reply->status >= 400 ? reply->text : ""};
      known = answers.emplace(run.path + run.body, std::move(answer)).first;
    }
    const DryRunAnswer& answer = known->second;
    if (take_error(answer.text, patient)) {
      patient.found.see("dry run", false, answer.text);
    } else if (answer.status > 0 && answer.status < 300 && patient.subject.fails_closed()) {
      patient.found.see("dry run", true, "the API server called it and got an answer");
      patient.state = Patient::State::healthy;
    } else if (denies(answer.text, patient.subject)) {
      patient.found.see("dry run", true, "it answered: " + answer.text);
      patient.state = Patient::State::healthy;
    }
  }
}

// Direct calls mean something only where this machine stands where the API server stands.
bool stands_beside(const client::Rest& rest) {
  if (const char* inside = std::getenv("KUBERNETES_SERVICE_HOST"); inside && *inside) return true;
  auto url = net::url::parse(rest.connection().server);
  return url && (url->hostname() == "localhost" || url->hostname().starts_with("127.") || url->hostname() == "::1");
}

net::Task<void> try_directly(Patient* patient, bool beside) {
  const Subject& subject = patient->subject;
  std::string host, port;
  if (subject.by_service()) {
    if (!beside) co_return;
    auto ready = std::find_if(patient->backend.endpoints.begin(), patient->backend.endpoints.end(),
                              [](const Endpoint& e) { return e.ready && e.port > 0; });
    if (ready == patient->backend.endpoints.end()) co_return;
    host = ready->address, port = std::to_string(ready->port);
  } else {
    auto url = net::url::parse(subject.url);
    if (!url) co_return;
    host = url->hostname(), port = url->port().empty() ? "443" : url->port();
  }
  const std::chrono::milliseconds patience(std::clamp(subject.timeout() * 1000 + 3000, 4000, 12000));
  patient->direct =
      co_await call_directly(host, port, url_of(subject), subject.by_service() ? subject.server_name() : "",
                             std::string(json::string_at(*subject.webhook, {"clientConfig", "caBundle"})), patience);
  const DirectAnswer& answer = *patient->direct;
  Case& found = patient->found;
  if (!answer.served.empty()) found.fact("reached");
  if (answer.phase == net::http::Phase::dial || answer.phase == net::http::Phase::handshake) found.fact("unreached");
  if (answer.tail.empty()) {
    found.see("direct call", answer.took.count() < subject.timeout() * 1000,
              fmt::format("{} answered a GET with {} after {} ms", answer.address, answer.status, answer.took.count()));
    if (answer.took.count() >= subject.timeout() * 1000) {
      found.fact("answered-late");
      if (subject.timeout() < 3) found.fact("timeout-short");
    }
  } else {
    found.see("direct call", false,
              fmt::format("{}: {} (during: {})", answer.address, answer.tail, phase_text(answer.phase)));
  }
  if (patient->state != Patient::State::unknown) co_return;
  if (answer.tail.empty() && !found.has("answered-late")) {
    patient->state = Patient::State::healthy;
    co_return;
  }
  const std::string tail = answer.tail.empty() ? "context deadline exceeded" : answer.tail;
  take_error(fmt::format("failed calling webhook \"{}\": failed to call webhook: Post \"{}?timeout={}s\": {}",
                         subject.name(), url_of(subject), subject.timeout(), tail),
             *patient);
}

// The API server's own way to the backend, where nobody could call it directly and the way is in question.
net::Task<void> try_proxy(client::Rest* rest, Patient* patient) {
  static constexpr std::string_view in_question[] = {"connection-timeout", "deadline-exceeded", "tls-handshake-timeout",
                                                     "connection-refused", "no-route"};
  const Subject& subject = patient->subject;
  if (patient->direct || !subject.by_service() || patient->backend.ready_endpoints() == 0 ||
      std::find(std::begin(in_question), std::end(in_question), patient->found.finding.cause) == std::end(in_question))
    co_return;
  const ProxyAnswer answer =
      co_await call_through_proxy(rest, subject.service_namespace, subject.service_name, subject.port, subject.path);
  using Way = ProxyAnswer::Way;
  if (answer.way == Way::reached) patient->found.fact("reached");
  if (answer.way == Way::silent) patient->found.fact("unreached");
  patient->found.see("service proxy",
                     answer.way == Way::unknown ? std::nullopt : std::optional(answer.way == Way::reached),
                     answer.text);
}

bool about_certificates(std::string_view cause) {
  static constexpr std::string_view causes[] = {"unknown-authority",  "bad-ca-bundle", "cert-expired",
                                                "cert-not-yet-valid", "name-mismatch", "no-san",
                                                "key-usage",          "tls-alert",     "tls-version"};
  return std::find(std::begin(causes), std::end(causes), cause) != std::end(causes);
}

// What is looked at once a webhook is known to be unhealthy.
net::Task<void> examine(client::Rest* rest, Cluster* cluster, const std::vector<const Subject*>* down, WallTime now,
                        bool beside, Patient* patient) {
  Subject& subject = patient->subject;
  Case& found = patient->found;
  if (!patient->direct && found.finding.cause != "service-not-found" && found.finding.cause != "no-endpoints")
    co_await try_directly(patient, beside);
  co_await try_proxy(rest, patient);
  std::vector<std::string> secrets;
  if (patient->backend.service) {
    find_pods(subject, *cluster, patient->backend);
    check_pods(*cluster, patient->backend, found);
    check_policies(subject, *cluster, patient->backend, found);
    for (const Endpoint& endpoint : patient->backend.endpoints)
      if (endpoint.port == kubelet_port) found.fact("kubelet-answers");
    if (found.has("no-pods") && found.has("workload-there"))
      check_deadlock(subject, *down, refusing_webhooks(*cluster, subject.service_namespace, found), *cluster, found);
    if (about_certificates(found.finding.cause)) secrets = mounted_secrets(patient->backend);
    for (const std::string& name : secrets) co_await load_secret(rest, cluster, subject.service_namespace, name);
  }
  if (about_certificates(found.finding.cause)) {
    if (const std::string named = injection_secret(subject); !named.empty())
      co_await load_secret(rest, cluster, named.substr(0, named.find('/')), named.substr(named.find('/') + 1));
    check_injection(subject, *cluster, found);
    check_certificates(subject, *cluster, secrets,
                       patient->direct ? patient->direct->served : std::vector<std::string>(), now, found);
  }
  found.finding.impact = impact_of(subject, *cluster);
  conclude(subject, found);
}

std::set<std::string> namespaces_of(const std::vector<Patient>& patients, const Cluster& cluster) {
  std::set<std::string> out;
  for (const Patient& patient : patients) {
    if (patient.state != Patient::State::unhealthy) continue;
    if (patient.backend.service) out.insert(patient.subject.service_namespace);
    out.merge(injection_namespaces(patient.subject, cluster));
  }
  return out;
}

// An error that somebody met, where the cluster itself does not show it (any more).
void take_given_error(const std::string& text, Patient& patient) {
  if (text.empty() || patient.state == Patient::State::unhealthy) return;
  const bool now_healthy = patient.state == Patient::State::healthy;
  if (!take_error(text, patient)) return;
  patient.found.see("given error", false, patient.found.finding.tail);
  if (!now_healthy) return;
  patient.found.finding.severity = report::Severity::info;
  patient.found.see("now", true, "the webhook answers at present");
}

}  // namespace

net::Task<Result<report::Report, DiagnoseError>> diagnose(client::Rest& rest, DiagnoseOptions options) {
  Cluster cluster;
  if (auto read = co_await read_cluster(&rest, &cluster); !read)
    co_return fail_with(DiagnoseError{DiagnoseError::Kind::cluster, std::move(read.error().text)});
  const std::vector<Subject> all = subjects(cluster);
  std::vector<const Subject*> down;
  for (const Subject& subject : all) {
    const Backend backend = find_backend(subject, cluster);
    if (backend.service && backend.ready_endpoints() == 0) down.push_back(&subject);
  }
  auto chosen = choose(all, options);
  if (!chosen) co_return fail_with(std::move(chosen.error()));
  std::vector<Patient> patients = std::move(*chosen);
  const bool can_see_services = std::none_of(cluster.unseen.begin(), cluster.unseen.end(), [](const std::string& text) {
    return text.find("services:") != std::string::npos || text.find("endpointslices:") != std::string::npos;
  });
  for (Patient& patient : patients) {
    patient.found = open_case(patient.subject);
    patient.backend = find_backend(patient.subject, cluster);
    if (can_see_services) check_service(patient.subject, cluster, patient.backend, patient.found);
    if (!patient.found.finding.cause.empty()) patient.state = Patient::State::unhealthy;
  }
  co_await try_dry_runs(&rest, &cluster, &patients);
  const bool beside = stands_beside(rest);
  std::size_t calls = 0;
  for (Patient& patient : patients)
    if (patient.state == Patient::State::unknown && ++calls <= most_direct_calls)
      co_await try_directly(&patient, beside);
  for (Patient& patient : patients) take_given_error(options.error, patient);
  co_await load_namespaces(&rest, &cluster, namespaces_of(patients, cluster));

  report::Report report;
  report.command = "diagnose";
  std::int64_t healthy = 0, unknown = 0;
  for (Patient& patient : patients) {
    healthy += patient.state == Patient::State::healthy;
    unknown += patient.state == Patient::State::unknown;
    if (patient.state != Patient::State::unhealthy) continue;
    co_await examine(&rest, &cluster, &down, options.now, beside, &patient);
    for (const std::string& text : cluster.unseen) patient.found.see("not seen", std::nullopt, text);
    report.findings.push_back(std::move(patient.found.finding));
  }
  report.summary = {{"webhooks", static_cast<std::int64_t>(patients.size())},
                    {"unhealthy", static_cast<std::int64_t>(report.findings.size())},
                    {"healthy", healthy},
                    {"notProven", unknown}};
  co_return report;
}

}  // namespace gatepost::diagnose
