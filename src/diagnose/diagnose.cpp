#include "diagnose/diagnose.h"

#include <algorithm>
#include <fmt/format.h>

#include "diagnose/ca_injection.h"
#include "diagnose/certificates.h"
#include "diagnose/deadlock.h"
#include "diagnose/impact.h"
#include "diagnose/log_lines.h"
#include "diagnose/nearest.h"
#include "diagnose/network_policy.h"
#include "diagnose/pods.h"
#include "diagnose/probe.h"
#include "diagnose/root_cause.h"
#include "diagnose/together.h"
#include "explain/grammar.h"

namespace gatepost::diagnose {
namespace {

constexpr std::size_t most_examined_at_once = 12;
constexpr int kubelet_port = 10250;

using State = Patient::State;

// Who is diagnosed: everybody, or those that are named (also by an error's text).
Result<std::vector<Patient>, DiagnoseError> choose(const std::vector<Subject>& all, const DiagnoseOptions& options) {
  std::vector<std::string> wanted = options.names, known;
  if (!options.error.empty())
    for (const explain::Occurrence& error : explain::read_text(options.error))
      if (!error.webhook.empty()) wanted.push_back(error.webhook);
  std::vector<Patient> out;
  for (const Subject& subject : all) {
    known.push_back(subject.configuration);
    known.push_back(subject.name());
    const bool chosen = wanted.empty() || std::any_of(wanted.begin(), wanted.end(), [&](const std::string& name) {
                          return name == subject.configuration || name == subject.name();
                        });
    if (!chosen) continue;
    Patient patient;
    patient.subject = subject;
    out.push_back(std::move(patient));
  }
  for (const std::string& name : wanted) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    if (!out.empty() && std::find(options.names.begin(), options.names.end(), name) == options.names.end()) continue;
    const auto similar = nearest(name, known);
    return fail_with(
        DiagnoseError{DiagnoseError::Kind::use,
                      fmt::format("there is no webhook or configuration called {}{}", name,
                                  similar.empty() ? "" : fmt::format("; there are {}", fmt::join(similar, ", ")))});
  }
  return out;
}

bool about_certificates(std::string_view cause) {
  static constexpr std::string_view causes[] = {"unknown-authority",  "bad-ca-bundle", "cert-expired",
                                                "cert-not-yet-valid", "name-mismatch", "no-san",
                                                "key-usage",          "tls-alert",     "tls-version"};
  return std::find(std::begin(causes), std::end(causes), cause) != std::end(causes);
}

// The Secrets that the pods mount and the annotations name, the served certificates, the caBundle.
net::Task<void> examine_certificates(client::Rest* rest, Cluster* cluster, WallTime now, Patient* patient) {
  const Subject& subject = patient->subject;
  std::vector<std::string> secrets = mounted_secrets(patient->backend);
  for (const std::string& name : secrets) co_await load_secret(rest, cluster, subject.service_namespace, name);
  if (const std::string named = injection_secret(subject, *cluster); !named.empty())
    co_await load_secret(rest, cluster, named.substr(0, named.find('/')), named.substr(named.find('/') + 1));
  check_injection(subject, *cluster, patient->found);
  std::vector<Served> served;
  for (const DirectAnswer& answer : patient->answers)
    if (!answer.served.empty()) served.push_back({answer.address, answer.served});
  check_certificates(subject, *cluster, secrets, served, now, patient->found);
}

// What is looked at once a webhook is known to be unhealthy.
net::Task<void> examine(client::Rest* rest, Cluster* cluster, const std::vector<const Subject*>* down, WallTime now,
                        std::shared_ptr<Trust> trust, Patient* patient) {
  Subject& subject = patient->subject;
  Case& found = patient->found;
  co_await probe_unhealthy(rest, cluster, trust, patient);
  if (patient->backend.service) {
    find_pods(subject, *cluster, patient->backend);
    check_pods(subject, *cluster, patient->backend, found);
    check_policies(subject, *cluster, patient->backend, found);
    for (const Endpoint& endpoint : patient->backend.endpoints)
      if (endpoint.port == kubelet_port) found.fact("kubelet-answers");
    co_await show_log_lines(rest, subject.service_namespace, &found);
    if (found.has("no-pods") && found.has("workload-there"))
      check_deadlock(subject, *down, refusing_webhooks(*cluster, subject.service_namespace, found), *cluster, found);
    else
      check_deadlock_ahead(subject, *cluster, found);
  }
  if (about_certificates(found.finding.cause)) co_await examine_certificates(rest, cluster, now, patient);
  check_metrics(subject, *cluster, found);
  check_carried(subject, *cluster, found);
  found.finding.impact = impact_of(subject, *cluster);
  conclude(subject, found);
  found.finding.vantage = patient->vantage.empty() ? "objects" : patient->vantage;
  found.see("vantage", std::nullopt, vantage_text(found.finding.vantage));
}

std::set<std::string> namespaces_of(const std::vector<Patient>& patients, const Cluster& cluster) {
  std::set<std::string> out;
  for (const Patient& patient : patients) {
    if (patient.state != State::unhealthy) continue;
    if (patient.backend.service) out.insert(patient.subject.service_namespace);
    out.merge(injection_namespaces(patient.subject, cluster));
  }
  return out;
}

// An error that somebody met, where the cluster itself does not show it (any more).
void take_given_error(const std::string& text, Patient& patient) {
  if (text.empty() || patient.state == State::unhealthy) return;
  const bool now_healthy = patient.state == State::healthy;
  if (!take_error(text, patient)) return;
  patient.vantage = "given error";
  patient.found.see("given error", false, patient.found.finding.tail);
  if (!now_healthy) return;
  patient.found.finding.severity = report::Severity::info;
  patient.found.see("now", true, "the webhook answers at present");
}

report::WebhookLine line_of(const Patient& patient) {
  const report::Finding& finding = patient.found.finding;
  report::WebhookLine out;
  out.state = patient.state;
  out.webhook = finding.webhook;
  out.configuration = finding.configuration;
  out.vantage = patient.vantage;
  out.milliseconds = patient.milliseconds;
  if (patient.state == State::unhealthy) {
    out.cause = finding.cause;
    out.root_cause = finding.root_cause;
    out.vantage = finding.vantage;
  } else if (patient.state == State::unknown) {
    out.note = patient.note.empty() ? unsettled_text(patient.subject) : patient.note;
  }
  return out;
}

report::Report report_of(std::vector<Patient>& patients, const Cluster& cluster, WallTime now) {
  report::Report report;
  report.command = "diagnose";
  report.time = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  std::int64_t healthy = 0, unknown = 0;
  for (Patient& patient : patients) {
    healthy += patient.state == State::healthy;
    unknown += patient.state == State::unknown;
    report.webhooks.push_back(line_of(patient));
    if (patient.state != State::unhealthy) continue;
    for (const std::string& text : cluster.unseen) patient.found.see("not seen", std::nullopt, text);
    report.findings.push_back(std::move(patient.found.finding));
  }
  report.summary = {{"webhooks", static_cast<std::int64_t>(patients.size())},
                    {"unhealthy", static_cast<std::int64_t>(report.findings.size())},
                    {"healthy", healthy},
                    {"notProven", unknown}};
  if (!cluster.unseen.empty()) report.summary.push_back({"notSeen", cluster.unseen});
  return report;
}

}  // namespace

net::Task<Result<report::Report, DiagnoseError>> diagnose(client::Rest& rest, DiagnoseOptions options) {
  const auto tell = [&](const std::string& what) {
    if (options.progress) options.progress(what);
  };
  Cluster cluster;
  tell("reading configurations, Services and endpoints");
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
  for (Patient& patient : patients) {
    patient.found = open_case(patient.subject);
    patient.backend = find_backend(patient.subject, cluster);
    if (cluster.sees_services) check_service(patient.subject, cluster, patient.backend, patient.found);
    if (!patient.found.finding.cause.empty()) patient.state = State::unhealthy;
  }
  tell(fmt::format("trying {} webhooks", patients.size()));
  const auto trust = std::make_shared<Trust>();
  co_await probe_all(&rest, &cluster, trust, &patients);
  for (Patient& patient : patients) take_given_error(options.error, patient);
  tell("reading the namespaces of unhealthy webhooks");
  co_await load_namespaces(&rest, &cluster, namespaces_of(patients, cluster));
  std::vector<net::Task<void>> tasks;
  for (Patient& patient : patients)
    if (patient.state == State::unhealthy)
      tasks.push_back(examine(&rest, &cluster, &down, options.now, trust, &patient));
  tell(fmt::format("examining {} unhealthy webhooks", tasks.size()));
  co_await together(std::move(tasks), most_examined_at_once);
  tell("");
  co_return report_of(patients, cluster, options.now);
}

}  // namespace gatepost::diagnose
