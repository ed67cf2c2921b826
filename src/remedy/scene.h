// What remedies look at: the cluster as it was read, the unhealthy webhook with what stands behind it, and the objects
// as the plan will have left them so far, so that several repairs of one object build on each other.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/time.h"
#include "diagnose/backend.h"
#include "remedy/plan.h"

namespace gatepost::remedy {

// Where the cluster runs, as far as its version and nodes tell.
enum class Platform { unknown, gke, eks, aks, openshift, k3s, rke2, kind, minikube };
std::string_view to_string(Platform platform);
Platform platform_of(std::string_view git_version, std::string_view provider_id, bool openshift_api);

struct Scene {
  diagnose::Cluster cluster;
  std::vector<diagnose::Subject> subjects;
  diagnose::Table config_maps;                 // that backends mount
  std::map<std::string, json::Value> planned;  // by path: objects after the steps so far
  std::set<std::string> removed;               // paths that the plan deletes
  Platform platform = Platform::unknown;
  WallTime now;
  std::string ca_pem;         // of --ca-file
  bool trust_served = false;  // --trust-served

  // The object as the plan has left it, else as it was read.
  json::Value current(const json::Value& object, const ObjectRef& ref) const;
};

// One endpoint that was called directly.
struct Seen {
  std::string address;
  std::vector<std::string> served;  // DER, leaf first
  std::string tail;                 // empty: it answered
  int status = 0;
  std::chrono::milliseconds took{0};
};

// An unhealthy webhook.
struct Ill {
  report::Finding finding;
  const diagnose::Subject* subject = nullptr;
  diagnose::Backend backend;
  std::vector<std::string> secrets;                  // that its pods mount
  std::vector<std::string> other_secrets;            // of its namespace with a CA, where it mounts none that is known
  std::vector<Seen> endpoints;                       // that could be called from here
  bool saw_all = false;                              // every ready endpoint was called
  std::map<std::string, int> paths;                  // further paths that were tried, and the status of the answer
  std::vector<std::chrono::milliseconds> latencies;  // of calls with much patience; sorted
  std::optional<double> metrics_p99;                 // seconds, by the API server's own metrics
  Probe probe;

  // What it is known by: the root cause, else the cause.
  const std::string& why() const { return finding.root_cause.empty() ? finding.cause : finding.root_cause; }
  ObjectRef configuration() const;
};

// A repair, or why there is none.
struct Proposal {
  std::optional<Repair> repair;
  std::string why_not;

  static Proposal none(std::string why) { return {std::nullopt, std::move(why)}; }
};

// The repair with what all have in common filled in.
Repair repair_for(const Ill& ill, std::string remedy);

// A step that turns `current` into what `after` says, noted in the scene's plan.
Step update_step(Scene& scene, std::string id, const ObjectRef& ref, json::Value before, json::Value after,
                 std::string summary);

// The webhook's entry in a copy of its configuration; null where it is gone.
json::Value* entry_of(json::Value& configuration, std::string_view webhook);

// The reference of a workload that was read from a list.
ObjectRef workload_ref(const diagnose::Workload& workload);

}  // namespace gatepost::remedy
