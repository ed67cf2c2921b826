// The world of a rehearsal: a simulated cluster filled from the input and brought to rest, and its webhooks with the
// backends behind them. What the input lacks is assumed, and every assumption is told.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rehearse/input.h"
#include "simulate/virtual_cluster.h"

namespace gatepost::rehearse {

// A request that the webhook meets, for asking what a failing one blocks or lets pass.
struct Canary {
  std::string collection, ns;
  std::string what;    // "CREATE pods in shop (as Deployment web)"
  std::string object;  // as JSON
  simulate::Write::Verb verb = simulate::Write::Verb::create;
  std::string name, subresource;
};

struct Webhook {
  std::string name;
  std::string configuration;  // "ValidatingWebhookConfiguration/<name>"
  std::string collection;     // where its configuration is stored
  std::string configuration_name;
  std::size_t index = 0;  // within its configuration
  std::string backend;    // see Backend::id
  std::string target;     // the URL
  int port = 443;
  int timeout_seconds = 10;
  bool ignores = false;               // failurePolicy Ignore
  std::vector<std::size_t> canaries;  // in World::canaries
};

struct Workload {
  std::string collection, ns, name, kind;  // kind Pod: a pod without a controller
  std::int64_t replicas = 0;
};

struct Backend {
  std::string id;           // "namespace/service", or the host of a URL
  bool external = false;    // not of this cluster's pods
  bool assumed = false;     // its workload is not in the input
  std::string ns, service;  // empty for a URL
  std::vector<std::size_t> webhooks;
  std::vector<Workload> workloads;
  std::size_t replicas = 0;  // ready endpoints at the start
};

struct World {
  std::unique_ptr<simulate::VirtualCluster> cluster;
  std::vector<Webhook> webhooks;
  std::vector<Backend> backends;
  std::vector<Canary> canaries;
  std::vector<std::string> assumptions;
  std::size_t pods = 0, nodes = 0, namespaces = 0;

  const Backend* find(std::string_view id) const;
};

struct WorldOptions {
  std::uint64_t seed = 1;
};

// The error is one line: there is nothing to rehearse.
net::Task<Result<World>> build_world(Input input, WorldOptions options);

// Pods of the backend's workloads: those that the Service selects.
std::vector<simulate::ItemPtr> pods_of(const World& world, const Backend& backend);
// How many endpoints of the backend's Service are ready.
std::size_t ready_endpoints(const World& world, const Backend& backend);

}  // namespace gatepost::rehearse
