#include "diagnose/probe.h"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <map>

#include "base/random.h"
#include "diagnose/dry_run.h"
#include "diagnose/port_forward.h"
#include "diagnose/together.h"
#include "net/dns.h"
#include "net/tcp.h"
#include "net/url.h"

namespace gatepost::diagnose {
namespace {

constexpr std::size_t most_dry_runs = 64;
constexpr std::size_t most_direct_calls = 2000;
constexpr std::size_t most_proxy_calls = 40;
constexpr std::size_t most_endpoints = 3;  // of one webhook that are called
constexpr std::size_t at_once = 24;
constexpr int not_found = 404;
constexpr auto grace = std::chrono::seconds(3);  // behind its timeout, for one that answers late

using State = Patient::State;
using net::http::Phase;

// ---- dry runs

struct DryRunAnswer {
  int status = 0;    // 0: no answer
  std::string text;  // of an error
  double milliseconds = 0;
};

const DryRun& run_of(Patient& patient, const Cluster& cluster) {
  if (!patient.run) patient.run = dry_run_for(patient.subject, cluster);
  return *patient.run;
}

net::Task<void> run_dry(client::Rest* rest, const DryRun* run, DryRunAnswer* answer) {
  const auto started = std::chrono::steady_clock::now();
  auto reply = co_await rest->call("POST", run->path, run->body);
  answer->milliseconds = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - started).count();
  if (reply) answer->status = reply->status, answer->text = reply->status >= 400 ? reply->text : "";
}

void take_dry_run(const DryRun& run, const DryRunAnswer& answer, Patient& patient) {
  const std::string command = command_of(run);
  if (take_error(answer.text, patient)) {
    patient.found.see("dry run", false, answer.text, command);
  } else if (answer.status > 0 && answer.status < 300 && patient.subject.fails_closed()) {
    patient.found.see("dry run", true, "the API server called it and got an answer", command);
    patient.state = State::healthy;
    patient.milliseconds = answer.milliseconds;
  } else if (denies(answer.text, patient.subject)) {
    patient.found.see("dry run", true, "it answered: " + answer.text, command);
    patient.state = State::healthy;
    patient.milliseconds = answer.milliseconds;
  } else {
    return;
  }
  patient.vantage = "dry run";
}

// One dry run tells of all webhooks that it meets.
net::Task<void> try_dry_runs(client::Rest* rest, const Cluster* cluster, std::vector<Patient>* patients) {
  std::map<std::string, std::pair<DryRun, DryRunAnswer>> runs;
  std::vector<std::pair<Patient*, std::string>> wanted;
  std::vector<net::Task<void>> tasks;
  for (Patient& patient : *patients) {
    if (patient.state != State::unknown) continue;
    const DryRun& run = run_of(patient, *cluster);
    if (!run.possible()) continue;
    std::string key = run.path + run.body;
    if (!runs.contains(key)) {
      if (runs.size() >= most_dry_runs) continue;
      auto& made = runs[key];
      made.first = run;
      tasks.push_back(run_dry(rest, &made.first, &made.second));
    }
    wanted.emplace_back(&patient, std::move(key));
  }
  co_await together(std::move(tasks), at_once);
  for (auto& [patient, key] : wanted) take_dry_run(runs[key].first, runs[key].second, *patient);
}

// ---- direct calls

DirectCall direct_call(Patient& patient, const Cluster& cluster, const std::shared_ptr<Trust>& trust) {
  const Subject& subject = patient.subject;
  DirectCall call;
  call.trust = trust;
  call.url = url_of(subject);
  call.server_name = subject.by_service() ? subject.server_name() : "";
  call.ca_bundle = json::string_at(*subject.webhook, {"clientConfig", "caBundle"});
  call.mutating = subject.kind == "MutatingWebhookConfiguration";
  call.timeout_seconds = subject.timeout();
  call.patience = std::chrono::seconds(subject.timeout());
  if (patient.found.finding.cause == "deadline-exceeded") {  // is it only late, or in which phase does it stay?
    call.patience += grace;
    call.handshake_patience = grace;
  }
  // The API server told nothing by a dry run: the webhook is asked as the API server would, for a dry run.
  if (patient.vantage == "dry run") return call;
  const DryRun& run = run_of(patient, cluster);
  const auto versions = admission::read_texts(*subject.webhook, "admissionReviewVersions");
  const auto known = std::find_if(versions.begin(), versions.end(),
                                  [](const std::string& one) { return one == "v1" || one == "v1beta1"; });
  if (!run.possible() || known == versions.end()) return call;
  call.beta = *known == "v1beta1";
  call.uid = random_uuid();
  call.review = review_of(run, "admission.k8s.io/" + *known, call.uid);
  return call;
}

net::http::Dialer dialer(std::string host, std::string port) {
  return [host, port](std::string, std::string,
                      net::SteadyTime deadline) -> net::Task<net::NetResult<std::unique_ptr<net::ByteStream>>> {
    return net::tcp::dial(host, port, deadline);
  };
}

// The same for a URL's host: how long its name is looked up is told apart.
net::http::Dialer dialer_by_name(std::string host, std::string port, std::shared_ptr<double> looked_up) {
  return
      [host, port, looked_up](std::string, std::string,
                              net::SteadyTime deadline) -> net::Task<net::NetResult<std::unique_ptr<net::ByteStream>>> {
        const auto started = std::chrono::steady_clock::now();
        auto addresses = co_await net::dns::resolve(host, port, deadline);
        *looked_up = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - started).count();
        if (!addresses) co_return net::net_fail(addresses.error().kind, "dial tcp: " + addresses.error().text);
        co_return co_await net::tcp::dial(host, port, deadline);
      };
}

net::Task<void> call_into(DirectCall call, std::vector<DirectAnswer>* answers) {
  answers->push_back(co_await call_directly(std::move(call)));
}

// The calls of one webhook: to its URL, or to its ready endpoints where they can be reached from here.
std::vector<DirectCall> direct_calls(Patient& patient, const Cluster& cluster, bool beside,
                                     const std::shared_ptr<Trust>& trust) {
  std::vector<DirectCall> out;
  const Subject& subject = patient.subject;
  if (!subject.by_service()) {
    auto url = net::url::parse(subject.url);
    if (!url) return out;
    DirectCall call = direct_call(patient, cluster, trust);
    const std::string port = url->port().empty() ? "443" : std::string(url->port());
    call.address = std::string(url->hostname()) + ":" + port;
    call.looked_up = std::make_shared<double>(0);
    call.dial = dialer_by_name(std::string(url->hostname()), port, call.looked_up);
    out.push_back(std::move(call));
    return out;
  }
  if (!beside) return out;
  for (const Endpoint& endpoint : patient.backend.endpoints) {
    if (!endpoint.ready || endpoint.port == 0 || out.size() >= most_endpoints) continue;
    DirectCall call = direct_call(patient, cluster, trust);
    call.address = endpoint.text();
    call.dial = dialer(endpoint.address, std::to_string(endpoint.port));
    out.push_back(std::move(call));
  }
  return out;
}

enum class Way { direct, forwarded };  // forwarded: by the kubelet, which says nothing of the control plane's way

void tell(const DirectAnswer& answer, Way way, Patient& patient) {
  const Subject& subject = patient.subject;
  Case& found = patient.found;
  if (answer.reached()) found.fact(way == Way::direct ? "reached" : "kubelet-reaches");
  if (!answer.reached() && way == Way::direct && (answer.phase == Phase::dial || answer.phase == Phase::handshake))
    found.fact("unreached");
  const std::string check = way == Way::direct ? "direct call" : "port-forward";
  if (answer.by_proxy) {
    found.fact("proxy-answers");
    found.see("answerer", false, fmt::format("{}: the answer is {}'s, not a webhook's", answer.address, answer.mark));
  }
  if (answer.failure.empty()) {
    if (answer.late) {
      found.fact("answered-late");
      if (subject.timeout() < 3) found.fact("timeout-short");
    }
    found.see(check, !answer.late,
              fmt::format("{} answered a {} with {} after {} ms", answer.address, answer.judged ? "dry run" : "GET",
                          answer.status, answer.took.count()));
  } else {
    found.see(check, false,
              fmt::format("{}: {} (during: {}, after {} ms)", answer.address, answer.failure, phase_text(answer.phase),
                          answer.took.count()));
  }
  for (const report::Latency& step : answer.steps)
    if (patient.answers.size() == 1) found.finding.latencies.push_back(step);
}

// What the calls prove of a webhook that no dry run told of, or of one whose endpoints differ.
void take_answers(Way way, Patient& patient) {
  if (patient.answers.empty()) return;
  std::sort(patient.answers.begin(), patient.answers.end(),
            [](const DirectAnswer& a, const DirectAnswer& b) { return a.address < b.address; });
  for (const DirectAnswer& answer : patient.answers) tell(answer, way, patient);
  const DirectAnswer* good = nullptr;
  const DirectAnswer* bad = nullptr;
  for (const DirectAnswer& answer : patient.answers) (answer.ok() ? good : bad) = &answer;
  if (patient.state == State::healthy && !(good && bad)) return;
  if (patient.state == State::unhealthy) return;
  patient.vantage = way == Way::direct ? "direct call" : "port-forward";
  if (!bad) {
    if (!good->judged && good->status == not_found) {
      patient.note = "it answers a GET of its path with 404; only a real call shows whether the path is right";
      return;
    }
    patient.state = State::healthy;
    patient.milliseconds = static_cast<double>(good->took.count());
    return;
  }
  if (good) {
    patient.found.see("endpoints differ", false, "some endpoints answer and others do not: calls fail now and then");
    patient.found.finding.severity = report::Severity::warning;
  }
  take_tail(bad->failure.empty()
                ? fmt::format("failed to call webhook: Post \"{}?timeout={}s\": context deadline exceeded",
                              url_of(patient.subject), patient.subject.timeout())
                : bad->failure,
            patient);
}

// ---- the control plane's way

net::Task<void> ask_proxy(client::Rest* rest, Patient* patient) {
  patient->proxy = co_await call_through_proxy(rest, proxy_path(patient->subject));
}

void take_proxy(Patient& patient) {
  if (!patient.proxy) return;
  using Way = ProxyAnswer::Way;
  const ProxyAnswer& answer = *patient.proxy;
  if (answer.way == Way::reached) patient.found.fact("reached");
  if (answer.way == Way::silent) patient.found.fact("unreached");
  patient.found.see("service proxy",
                    answer.way == Way::unknown ? std::nullopt : std::optional(answer.way == Way::reached), answer.text,
                    "kubectl get --raw " + proxy_path(patient.subject));
}

// Nobody could reach it from here: what the API server's own way to it shows.
void settle_by_proxy(Patient& patient) {
  if (!patient.proxy || patient.state != State::unknown) return;
  using Way = ProxyAnswer::Way;
  const Subject& subject = patient.subject;
  patient.vantage = "service proxy";
  const std::string post =
      fmt::format("failed to call webhook: Post \"{}?timeout={}s\": ", url_of(subject), subject.timeout());
  if (patient.proxy->way == Way::refused || patient.proxy->way == Way::silent) {
    take_tail(post + (patient.proxy->text.starts_with("dial") ? patient.proxy->text : "context deadline exceeded"),
              patient);
  } else if (patient.proxy->way == Way::reached) {
    patient.note = "the control plane reaches it; its certificate could not be seen from here";
  } else {
    patient.note = patient.proxy->text;
  }
}

bool has_ready_endpoint(const Patient& patient) {
  return patient.subject.by_service() && patient.backend.ready_endpoints() > 0;
}

// Failing to dial from here means nothing where the control plane's own way tells something.
bool only_dials_failed(const Patient& patient) {
  return !patient.answers.empty() &&
         std::all_of(patient.answers.begin(), patient.answers.end(),
                     [](const DirectAnswer& answer) { return !answer.failure.empty() && answer.phase == Phase::dial; });
}

// ---- the certificate through a port-forward

net::Task<void> forward_into(client::Rest* rest, DirectCall call, std::string ns, std::string pod, int port,
                             std::vector<DirectAnswer>* answers) {
  call.address = fmt::format("{}:{}", pod, port);
  call.dial = port_forward_dialer(rest, std::move(ns), std::move(pod), port);
  answers->push_back(co_await call_directly(std::move(call)));
}

// Looks at the pods through port-forwards. One that was not allowed or not possible tells nothing of the webhook.
net::Task<void> try_forwards(client::Rest* rest, const Cluster* cluster, std::shared_ptr<Trust> trust,
                             Patient* patient) {
  std::vector<DirectAnswer> answers;
  std::vector<net::Task<void>> tasks;
  for (const Endpoint& endpoint : patient->backend.endpoints) {
    if (!endpoint.ready || endpoint.port == 0 || endpoint.pod.empty() || tasks.size() >= most_endpoints) continue;
    tasks.push_back(forward_into(rest, direct_call(*patient, *cluster, trust), patient->subject.service_namespace,
                                 endpoint.pod, endpoint.port, &answers));
  }
  co_await together(std::move(tasks), at_once);
  std::erase_if(answers, [&](const DirectAnswer& answer) {
    if (answer.reached()) return false;
    patient->found.see("port-forward", std::nullopt, answer.address + ": " + answer.failure);
    return true;
  });
  if (answers.empty()) co_return;
  patient->answers = std::move(answers);
  take_answers(Way::forwarded, *patient);
  if (patient->state == State::healthy) patient->note.clear();
}

bool proxy_tells(const Patient& patient) {
  return patient.proxy && patient.proxy->way != ProxyAnswer::Way::unknown;
}

bool proxy_reached(const Patient& patient) {
  return patient.proxy && patient.proxy->way == ProxyAnswer::Way::reached;
}

}  // namespace

bool stands_beside(const client::Rest& rest) {
  if (const char* inside = std::getenv("KUBERNETES_SERVICE_HOST"); inside && *inside) return true;
  auto url = net::url::parse(rest.connection().server);
  return url && (url->hostname() == "localhost" || url->hostname().starts_with("127.") || url->hostname() == "::1");
}

net::Task<void> probe_all(client::Rest* rest, const Cluster* cluster, std::shared_ptr<Trust> trust,
                          std::vector<Patient>* patients) {
  co_await try_dry_runs(rest, cluster, patients);
  const bool beside = stands_beside(*rest);
  std::vector<net::Task<void>> tasks;
  for (Patient& patient : *patients) {
    const bool half_known = patient.state == State::healthy && patient.backend.ready_endpoints() > 1;
    if (patient.state != State::unknown && !half_known) continue;
    for (DirectCall& call : direct_calls(patient, *cluster, beside, trust))
      if (tasks.size() < most_direct_calls) tasks.push_back(call_into(std::move(call), &patient.answers));
  }
  co_await together(std::move(tasks), at_once);

  tasks.clear();
  for (Patient& patient : *patients) {
    if (patient.state != State::unknown || !has_ready_endpoint(patient)) continue;
    if (!patient.answers.empty() && !only_dials_failed(patient)) continue;
    if (tasks.size() < most_proxy_calls) tasks.push_back(ask_proxy(rest, &patient));
  }
  co_await together(std::move(tasks), at_once);

  tasks.clear();
  for (Patient& patient : *patients) {
    if (only_dials_failed(patient) && (proxy_tells(patient) || patient.state == State::healthy))
      patient.answers.clear();
    if (only_dials_failed(patient) && !beside) {  // a URL that only the control plane may know the way to
      patient.note = "it cannot be dialled from here: " + patient.answers.front().failure;
      patient.answers.clear();
    }
    take_proxy(patient);
    take_answers(Way::direct, patient);
    settle_by_proxy(patient);
    if (patient.state != State::unknown || !proxy_reached(patient)) continue;
    tasks.push_back(try_forwards(rest, cluster, trust, &patient));
  }
  co_await together(std::move(tasks), at_once);
}

net::Task<void> probe_unhealthy(client::Rest* rest, const Cluster* cluster, std::shared_ptr<Trust> trust,
                                Patient* patient) {
  const std::string& cause = patient->found.finding.cause;
  if (cause == "service-not-found" || cause == "no-endpoints") co_return;
  std::vector<net::Task<void>> tasks;
  if (patient->answers.empty() && !patient->proxy) {
    for (DirectCall& call : direct_calls(*patient, *cluster, stands_beside(*rest), trust))
      tasks.push_back(call_into(std::move(call), &patient->answers));
    co_await together(std::move(tasks), at_once);
    take_answers(Way::direct, *patient);
  }
  static constexpr std::string_view in_question[] = {"connection-timeout", "deadline-exceeded", "tls-handshake-timeout",
                                                     "connection-refused", "no-route"};
  const bool seen = std::any_of(patient->answers.begin(), patient->answers.end(),
                                [](const DirectAnswer& answer) { return answer.reached(); });
  if (!patient->proxy && !seen && has_ready_endpoint(*patient) &&
      std::find(std::begin(in_question), std::end(in_question), cause) != std::end(in_question)) {
    co_await ask_proxy(rest, patient);
    take_proxy(*patient);
  }
  if (!seen) co_await try_forwards(rest, cluster, trust, patient);
}

}  // namespace gatepost::diagnose
