// A webhook that is looked at: where it is registered, what it asks for, and the case that is built about it.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "admission/predicates/rules.h"
#include "diagnose/cluster.h"
#include "report/finding.h"

namespace gatepost::diagnose {

struct Subject {
  std::string kind, configuration;       // "ValidatingWebhookConfiguration", its name
  const json::Value* owner = nullptr;    // the configuration
  const json::Value* webhook = nullptr;  // its entry
  std::size_t index = 0;                 // of the entry

  std::string name() const;
  std::string resource() const;  // "validatingwebhookconfiguration", for kubectl
  bool fails_closed() const;
  int timeout() const;
  // Of clientConfig.service; empty for a url.
  std::string service_namespace, service_name, path, url;
  int port = 443;
  std::vector<admission::Rule> rules;
  Result<kube::LabelSelector> namespaces, objects;  // what its selectors take
  bool by_service() const { return !service_name.empty(); }
  std::string server_name() const;  // that the certificate must carry
};

// All webhooks, mutating ones first, in the order of their configurations.
std::vector<Subject> subjects(const Cluster& cluster);

// What is asked of the API server, as far as rules look at it.
struct Asked {
  admission::Operation operation = admission::Operation::create;
  std::string group, version, resource, subresource;
  bool cluster_scoped = false;
};
bool calls_for(const Subject& subject, const Asked& asked);
// Whether the namespaceSelector lets a namespace through, by its labels.
bool selects_namespace(const Subject& subject, const Cluster& cluster, std::string_view ns);
// The same of the Namespace itself; null: one without labels.
bool selects_namespace(const Subject& subject, const json::Value* ns);
// Whether the objectSelector takes an object with these labels (null: none).
bool selects_labels(const Subject& subject, const json::Object* labels);

// What is known of one subject: the finding, and facts in the words of data/root-causes.rules.
struct Case {
  report::Finding finding;
  std::set<std::string, std::less<>> facts;
  struct Container {
    std::string pod, name;
  };
  std::vector<Container> crashed;               // whose last log lines tell why
  std::string workload, workload_kind, secret;  // for commands, where known

  // `command` shows the same by hand.
  void see(std::string check, std::optional<bool> ok, std::string detail, std::string command = "");
  void fact(std::string_view name) { facts.emplace(name); }
  bool has(std::string_view name) const { return facts.contains(name); }
};

// The case before anything was checked: policy, timeout, address.
Case open_case(const Subject& subject);

}  // namespace gatepost::diagnose
