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
};

struct Fix {
  std::string id;
  std::string summary;
  std::string command;
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
  std::string message;  // one sentence for a person

  // lint
  std::string rule, file, path;
  std::optional<std::int64_t> line, column;
  // rehearse
  std::string scenario, verdict;
};

struct Report {
  std::string command;  // "explain", "diagnose", ...
  Facts summary;
  std::vector<Finding> findings;
};

}  // namespace gatepost::report
