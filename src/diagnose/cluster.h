// What was read of the cluster: lists of objects, joined in memory. Lists are read whole and once, beside each other;
// the objects of a namespace only when a webhook of it is unhealthy. Older clusters are read through the versions that
// they serve: admissionregistration v1beta1, EndpointSlices v1beta1 or Endpoints.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "client/rest.h"
#include "diagnose/webhook_metrics.h"
#include "json/value.h"

namespace gatepost::diagnose {

// Objects of one kind by namespace and name. Pointers stay good as long as the table lives and grows only.
class Table {
 public:
  void add_page(json::Value list);
  const json::Value* find(std::string_view ns, std::string_view name) const;
  // Those of a namespace ("" for kinds of the cluster).
  const std::vector<const json::Value*>& in(std::string_view ns) const;
  // Those that belong to a Service: slices, by their label.
  const std::vector<const json::Value*>& of_service(std::string_view ns, std::string_view name) const;
  const std::vector<const json::Value*>& all() const { return all_; }

 private:
  using Index = std::map<std::string, std::vector<const json::Value*>, std::less<>>;
  std::deque<json::Value> pages_;
  std::vector<const json::Value*> all_;
  Index by_namespace_, by_service_;
  std::unordered_map<std::string, const json::Value*> by_name_;  // "<namespace>/<name>"
};

struct Cluster {
  Table validating, mutating, namespaces, services, slices;
  Table refusals;  // FailedCreate events of all namespaces
  // Of the namespaces that load() was asked for.
  Table pods, deployments, stateful_sets, daemon_sets, replica_sets, jobs, budgets, policies, events, certificates;
  Table secrets;                        // those that were asked for by name; never printed
  std::set<std::string> loaded;         // namespaces
  bool cert_manager = true;             // its kinds are served (known once a namespace was loaded)
  std::optional<MetricsTable> metrics;  // of kube-apiserver's webhook calls, where they may be read
  std::vector<std::string> unseen;      // what could not be read, one line each
  bool sees_services = true;            // Services and their endpoints could be read

  bool has_namespace(std::string_view name) const { return namespaces.find("", name) != nullptr; }
};

// Configurations, namespaces, Services, slices, refusals and metrics. Fails where no configuration can be read; what
// else cannot be read is told in `unseen`.
net::Task<Result<void>> read_cluster(client::Rest* rest, Cluster* cluster);

// Pods, workloads, policies, events and cert-manager's Certificates of these namespaces.
net::Task<void> load_namespaces(client::Rest* rest, Cluster* cluster, std::set<std::string> namespaces);

// One Secret; whether it is there is seen by secrets.find().
net::Task<void> load_secret(client::Rest* rest, Cluster* cluster, std::string ns, std::string name);

// A list of Endpoints as a list of EndpointSlices, one for each subset.
json::Value slices_of_endpoints(const json::Value& list);

}  // namespace gatepost::diagnose
