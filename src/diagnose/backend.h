// What stands behind a webhook's Service: endpoints, the pods that its selector picks, the workloads that make them.
#pragma once

#include <string>
#include <vector>

#include "diagnose/subject.h"

namespace gatepost::diagnose {

struct Endpoint {
  std::string address;  // "10.0.0.7"
  int port = 0;         // 0: the slice names none
  bool ready = true;
  bool terminating = false;
  std::string pod;  // behind it, where the slice tells

  std::string text() const { return address + ":" + std::to_string(port); }
};

struct Workload {
  const char* kind;  // "deployment", for kubectl
  const json::Value* object;
};

struct Backend {
  const json::Value* service = nullptr;       // null: it is not there
  const json::Value* service_port = nullptr;  // null: it has no such port
  std::vector<Endpoint> endpoints;
  std::vector<const json::Value*> pods;  // that the selector picks and that are not on their way out
  std::vector<Workload> workloads;       // whose pods the selector would pick
  std::int64_t replicas = 0;             // that the workloads ask for
  bool selects = false;                  // the Service has a selector

  int ready_endpoints() const;
};

// The Service, its port and its endpoints.
Backend find_backend(const Subject& subject, const Cluster& cluster);

// Pods and workloads, once the Service's namespace was loaded.
void find_pods(const Subject& subject, const Cluster& cluster, Backend& backend);

// Looks at the Service and its endpoints: a cause where they alone prove one ("service-not-found", "no-endpoints"), and
// the tail that the API server prints then.
void check_service(const Subject& subject, const Cluster& cluster, const Backend& backend, Case& out);

// Looks at pods and workloads: why nobody is ready, whether ports agree.
void check_pods(const Subject& subject, const Cluster& cluster, const Backend& backend, Case& out);

// Labels that pods behind the webhook's Service have: those of a workload's template, else the Service's selector.
const json::Object* pod_labels(const Subject& subject, const Cluster& cluster);

}  // namespace gatepost::diagnose
