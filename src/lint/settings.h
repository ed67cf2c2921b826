// What a team may set: which rules, how severe, thresholds, exemptions. Comes from .gatepost.yaml and flags.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "report/finding.h"

namespace gatepost::lint {

enum class Profile { none, gke, aks, eks, openshift, gardener, k3s };

std::optional<Profile> profile_named(std::string_view name);
std::string_view to_string(Profile profile);

struct Thresholds {
  std::int64_t timeout_warning = 10;  // seconds; a longer one is a warning
  std::int64_t timeout_error = 30;    // this one or a longer one is an error
  std::int64_t lease_timeout = 3;     // seconds
  std::int64_t expiry_warning = 30;   // days
  std::int64_t expiry_error = 7;      // days
  std::int64_t mutating_per_resource = 4;
  std::int64_t cpu_limit = 100;  // millicores; this one or a lower one is tight
};

// A finding that is accepted for now: all that is given must be equal.
struct Exemption {
  std::set<std::string, std::less<>> rules;
  std::string configuration, webhook;  // names; empty: any
  std::string reason;
  std::optional<std::chrono::sys_days> until;  // the last day on which it holds
};

struct Settings {
  Profile profile = Profile::none;
  std::set<std::string, std::less<>> enabled;  // only these, if any; rules that are off by themselves come on
  std::set<std::string, std::less<>> disabled;
  std::map<std::string, report::Severity, std::less<>> severities;
  Thresholds thresholds;
  std::vector<Exemption> exemptions;
  std::set<std::string, std::less<>> known_webhooks;  // the allow list of GP807; empty: there is none
  std::vector<std::string> exclude;                   // paths that are not read, as prefixes
};

// .gatepost.yaml; the error names the field. Rules' ids are checked against the catalogue.
Result<Settings> read_settings(std::string_view yaml);

}  // namespace gatepost::lint
