// What was read of the cluster: lists of objects, joined in memory. Lists are read whole and once; the objects of a
// namespace only when a webhook of it is unhealthy.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "client/rest.h"
#include "json/value.h"

namespace gatepost::diagnose {

// Objects of one kind by namespace and name. Pointers stay good as long as the table lives and grows only.
class Table {
 public:
  void add_page(json::Value list);
  const json::Value* find(std::string_view ns, std::string_view name) const;
  // Those of a namespace ("" for kinds of the cluster).
  const std::vector<const json::Value*>& in(std::string_view ns) const;
  const std::vector<const json::Value*>& all() const { return all_; }

 private:
  std::deque<json::Value> pages_;
  std::vector<const json::Value*> all_;
  std::map<std::string, std::vector<const json::Value*>, std::less<>> by_namespace_;
};

struct Cluster {
  Table validating, mutating, namespaces, services, slices;
  // Of the namespaces that load() was asked for.
  Table pods, deployments, stateful_sets, daemon_sets, replica_sets, policies, events, certificates;
  Table secrets;                    // those that were asked for by name; never printed
  std::set<std::string> loaded;     // namespaces
  std::vector<std::string> unseen;  // what could not be read, one line each

  bool has_namespace(std::string_view name) const { return namespaces.find("", name) != nullptr; }
};

// Configurations, namespaces, Services and slices. Fails where the configurations cannot be read; what else cannot be
// read is told in `unseen`.
net::Task<Result<void>> read_cluster(client::Rest* rest, Cluster* cluster);

// Pods, workloads, policies, events and cert-manager's Certificates of these namespaces.
net::Task<void> load_namespaces(client::Rest* rest, Cluster* cluster, std::set<std::string> namespaces);

// One Secret; whether it is there is seen by secrets.find().
net::Task<void> load_secret(client::Rest* rest, Cluster* cluster, std::string ns, std::string name);

}  // namespace gatepost::diagnose
