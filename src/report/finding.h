// The one model of findings that explain, diagnose, lint, rehearse and monitor fill and that every renderer of this
// folder prints: plain values, no behaviour. A field that does not apply stays empty and is not printed. The JSON keys
// are a contract (schema gatepost.dev/v1): keys are only added, never renamed. No field may ever hold a secret.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gatepost::report {

// What became of the request. failing_open is a failed call that was let through by failurePolicy Ignore.
enum class Outcome { failed, denied, conversion, other_subsystem, failing_open };
enum class Severity { error, warning, info };

std::string_view to_string(Outcome outcome);    // as in the JSON: "failed", "failing-open", ...
std::string_view to_string(Severity severity);  // "error", "warning", "info"

// A named value of an object whose keys differ from command to command (summary, impact).
struct Fact {
  std::string name;
  std::variant<std::int64_t, double, bool, std::string, std::vector<std::string>> value;
};
using Facts = std::vector<Fact>;

// One thing that was looked at. `ok` is empty where the check could not decide.
struct Evidence {
  std::string check;
  std::optional<bool> ok;
  std::string detail;
  std::string command = {};  // shows the same by hand
};

struct Fix {
  std::string id;
  std::string summary;
  std::string command;
};

// A certificate that was seen, and where: "caBundle", "Secret sys/tls", "served by 10.0.0.7:9443". Times are Unix
// seconds. `ok` is the verdict that the API server would reach; empty where it has none.
struct CertificateSeen {
  std::string place, subject, issuer, sha256;
  std::int64_t not_before = 0, not_after = 0;
  std::optional<bool> ok;
  std::vector<std::string> names;  // DNS names and addresses
};

// How long a step of a call took, such as "dial", "TLS handshake", "answer", or what a histogram tells ("p99").
struct Latency {
  std::string step;
  double milliseconds = 0;
  bool ended = true;  // false: it was given up then
};

// Counts over time: `counts[i]` fell into [from + i * step, from + (i + 1) * step). Times are Unix seconds.
struct Timeline {
  std::int64_t from = 0;
  std::int64_t step_seconds = 60;
  std::vector<std::int64_t> counts;
};

struct Finding {
  std::optional<Outcome> outcome;
  std::string cause;
  Severity severity = Severity::error;
  std::string webhook;
  std::string configuration;  // "ValidatingWebhookConfiguration/<name>"
  std::string target;         // the URL that was called
  std::string service;        // "<namespace>/<name>"
  std::optional<int> port;
  std::optional<int> timeout_seconds;
  std::string tail;  // the trailing clause of the error, as Go printed it
  std::optional<std::int64_t> count;
  std::string first_seen, last_seen;  // RFC 3339
  std::string root_cause;
  std::vector<Evidence> evidence;
  Facts impact;
  std::vector<std::string> next;  // commands
  std::optional<Fix> fix;
  std::optional<Timeline> timeline;
  std::vector<CertificateSeen> certificates;
  std::vector<Latency> latencies;
  std::string vantage;  // from where it was seen: "dry run", "service proxy", "port-forward", "direct call", "objects"
  std::string context;  // of a fleet: whose cluster it is
  std::string message;  // one sentence for a person

  // lint
  std::string rule, file, path;
  std::optional<std::int64_t> line, column;
  // rehearse
  std::string scenario, verdict;
};

// A webhook in one line, healthy or not.
struct WebhookLine {
  enum class State { healthy, unhealthy, unknown } state = State::unknown;
  std::string context;  // of a fleet: whose cluster it is
  std::string webhook, configuration;
  std::string cause, root_cause, vantage;
  std::string note;                    // of an unknown one: what would settle it
  std::optional<double> milliseconds;  // of a call that was answered
};
std::string_view to_string(WebhookLine::State state);

struct Report {
  std::string command;  // "explain", "diagnose", ...
  Facts summary;
  std::vector<Finding> findings;
  std::vector<WebhookLine> webhooks = {};  // all that were looked at
  std::int64_t time = 0;                   // when it was made, in Unix seconds; 0: not told
};

}  // namespace gatepost::report
