#include "rehearse/world.h"

#include <algorithm>
#include <map>
#include <set>

#include "admission/resolve/url.h"
#include "net/url.h"
#include "rehearse/assume.h"
#include "rehearse/canaries.h"
#include "simulate/objects.h"
#include "x509/pool.h"

namespace gatepost::rehearse {
namespace {

namespace collection = simulate::collection;
using simulate::ItemPtr;

constexpr std::chrono::minutes time_to_settle{15};

// What is put in, in this order; webhooks and policies come when the cluster has settled without them.
int stage_of(const Loaded& loaded) {
  const std::string_view kind = loaded.resource->kind;
  if (loaded.resource->group == "admissionregistration.k8s.io") return 9;
  if (kind == "Namespace") return 0;
  if (kind == "Node") return 1;
  if (kind == "ReplicaSet") return 3;
  if (kind == "Pod") return 4;
  return 2;
}

bool selects(const json::Object& selector, const json::Object* labels) {
  return std::all_of(selector.begin(), selector.end(), [labels](const auto& pair) {
    const json::Value* value = labels ? labels->if_contains(pair.key()) : nullptr;
    return value && *value == pair.value();
  });
}

const json::Object* selector_of(const World& world, const Backend& backend) {
  ItemPtr service = world.cluster->cache().find(collection::services, backend.ns, backend.service);
  const json::Object* selector = service ? json::object_at(service->value, {"spec", "selector"}) : nullptr;
  return selector && !selector->empty() ? selector : nullptr;
}

// The certificates are taken as trusted until a scenario says otherwise; a caBundle that cannot be read is told.
void take_out_bundles(json::Value& configuration, const std::string& shown, std::vector<std::string>& lines) {
  json::Value* hooks = configuration.get_object().if_contains("webhooks");
  if (!hooks || !hooks->is_array()) return;
  for (json::Value& hook : hooks->get_array()) {
    json::Value* client = hook.is_object() ? hook.get_object().if_contains("clientConfig") : nullptr;
    if (!client || !client->is_object()) continue;
    const admission::ClientConfig config = admission::read_client_config(*client);
    if (!config.ca_bundle.empty() && !x509::pool_from_ca_bundle(config.ca_bundle))
      lines.push_back("the caBundle of webhook " + std::string(json::string_at(hook, {"name"})) + " (" + shown +
                      ") holds no certificate: assumed that one is put in");
    client->get_object().erase("caBundle");
  }
}

void add_webhooks(World& world, const Loaded& loaded) {
  const json::Array* hooks = json::array_at(loaded.value, {"webhooks"});
  if (!hooks) return;
  for (std::size_t i = 0; i < hooks->size(); ++i) {
    const json::Value& hook = (*hooks)[i];
    const json::Value* client = json::find(hook, "clientConfig");
    if (!client) continue;
    const admission::ClientConfig config = admission::read_client_config(*client);
    Webhook webhook;
    webhook.name = json::string_at(hook, {"name"});
    webhook.collection = loaded.resource->collection;
    webhook.configuration_name = json::string_at(loaded.value, {"metadata", "name"});
    webhook.configuration = loaded.resource->kind + "/" + webhook.configuration_name;
    webhook.index = i;
    webhook.ignores = json::string_at(hook, {"failurePolicy"}) == "Ignore";
    webhook.timeout_seconds = static_cast<int>(json::int_at(hook, {"timeoutSeconds"}, 10));
    if (auto url = admission::base_url(config)) webhook.target = *url;
    Backend backend;
    if (config.service) {
      webhook.port = config.service->port;
      backend.ns = config.service->ns;
      backend.service = config.service->name;
      backend.id = backend.ns + "/" + backend.service;
    } else {
      auto url = net::url::parse(config.url);
      backend.id = url ? url->host : config.url;
      backend.external = true;
    }
    webhook.backend = backend.id;
    auto known = std::find_if(world.backends.begin(), world.backends.end(),
                              [&](const Backend& other) { return other.id == backend.id; });
    if (known == world.backends.end()) known = world.backends.insert(known, std::move(backend));
    known->webhooks.push_back(world.webhooks.size());
    world.webhooks.push_back(std::move(webhook));
  }
}

void find_workloads(World& world, Backend& backend) {
  const json::Object* selector = backend.external ? nullptr : selector_of(world, backend);
  if (!selector) {
    if (!backend.external)
      world.assumptions.push_back("Service " + backend.id +
                                  " has no selector: its backend is taken as standing outside the cluster");
    backend.external = true;
    return;
  }
  const simulate::Cache& cache = world.cluster->cache();
  auto add = [&](std::string_view of, const char* kind) {
    for (const ItemPtr& item : cache.in(of, backend.ns)) {
      const bool pod = of == collection::pods;
      if (!item->controller_uid.empty()) continue;
      const json::Object* labels = pod ? json::object_at(item->value, {"metadata", "labels"})
                                       : json::object_at(item->value, {"spec", "template", "metadata", "labels"});
      if (!selects(*selector, labels)) continue;
      backend.workloads.push_back({std::string(of), backend.ns, item->key.name, kind,
                                   pod ? 1 : json::int_at(item->value, {"spec", "replicas"}, 1)});
    }
  };
  add(collection::deployments, "Deployment");
  add(collection::stateful_sets, "StatefulSet");
  add(collection::daemon_sets, "DaemonSet");
  add(collection::replica_sets, "ReplicaSet");
  add(collection::pods, "Pod");
}

void describe(World& world, const Assumed& assumed) {
  const simulate::Cache& cache = world.cluster->cache();
  for (Backend& backend : world.backends) {
    find_workloads(world, backend);
    backend.assumed = std::find(assumed.backends.begin(), assumed.backends.end(), backend.id) != assumed.backends.end();
    backend.replicas = ready_endpoints(world, backend);
    if (!backend.external && backend.replicas == 0)
      world.assumptions.push_back("the backend of Service " + backend.id +
                                  " has no ready endpoint even before an outage (no replicas, or nowhere to run)");
  }
  world.pods = cache.all(collection::pods).size();
  world.nodes = cache.all(collection::nodes).size();
  world.namespaces = cache.all(collection::namespaces).size();
}

}  // namespace

const Backend* World::find(std::string_view id) const {
  for (const Backend& backend : backends)
    if (backend.id == id) return &backend;
  return nullptr;
}

std::vector<ItemPtr> pods_of(const World& world, const Backend& backend) {
  std::vector<ItemPtr> pods;
  const json::Object* selector = backend.external ? nullptr : selector_of(world, backend);
  if (!selector) return pods;
  for (const ItemPtr& pod : world.cluster->cache().in(collection::pods, backend.ns))
    if (!simulate::is_finished(*pod) && selects(*selector, json::object_at(pod->value, {"metadata", "labels"})))
      pods.push_back(pod);
  return pods;
}

std::size_t ready_endpoints(const World& world, const Backend& backend) {
  const simulate::Cache& cache = world.cluster->cache();
  // A slice that cannot be written goes on naming pods that are gone.
  auto is_there = [&](const json::Value& endpoint) {
    if (!json::bool_at(endpoint, {"conditions", "ready"}, true)) return false;
    if (json::string_at(endpoint, {"targetRef", "kind"}) != "Pod") return true;
    ItemPtr pod = cache.find(collection::pods, backend.ns, json::string_at(endpoint, {"targetRef", "name"}));
    return pod && simulate::phase_of(*pod) == "Running";
  };
  std::size_t ready = 0;
  for (const ItemPtr& slice : cache.in(collection::slices, backend.ns)) {
    if (json::string_at(slice->value, {"metadata", "labels", "kubernetes.io/service-name"}) != backend.service)
      continue;
    if (const json::Array* endpoints = json::array_at(slice->value, {"endpoints"}))
      for (const json::Value& endpoint : *endpoints) ready += is_there(endpoint) ? 1 : 0;
  }
  return ready;
}

net::Task<Result<World>> build_world(Input input, WorldOptions options) {
  World world;
  world.assumptions = std::move(input.notes);
  simulate::VirtualCluster::Options cluster_options;
  cluster_options.seed = options.seed;
  cluster_options.start = input.taken;
  world.cluster = simulate::VirtualCluster::make(cluster_options);
  Assumed assumed = fill_gaps(input, world.cluster->registry());
  for (std::string& line : assumed.lines) world.assumptions.push_back(std::move(line));
  std::stable_sort(input.objects.begin(), input.objects.end(),
                   [](const Loaded& a, const Loaded& b) { return stage_of(a) < stage_of(b); });
  std::vector<Loaded> late;
  for (Loaded& loaded : input.objects) {
    // What is on its way out plays no part.
    if (!json::string_at(loaded.value, {"metadata", "deletionTimestamp"}).empty()) continue;
    if (stage_of(loaded) == 9)
      late.push_back(std::move(loaded));
    else
      co_await world.cluster->put(*loaded.resource, std::move(loaded.value));
  }
  world.cluster->look_at_all();
  co_await world.cluster->run(world.cluster->now() + time_to_settle, [&world] { return world.cluster->at_rest(); });
  for (Loaded& loaded : late) {
    const std::string_view kind = loaded.resource->kind;
    if (kind == "ValidatingWebhookConfiguration" || kind == "MutatingWebhookConfiguration") {
      take_out_bundles(loaded.value, loaded.from, world.assumptions);
      add_webhooks(world, loaded);
    }
    co_await world.cluster->put(*loaded.resource, std::move(loaded.value));
  }
  if (world.webhooks.empty()) co_return fail("the input has no webhook configuration");
  describe(world, assumed);
  world.cluster->begin();
  co_await find_canaries(&world);
  co_return world;
}

}  // namespace gatepost::rehearse
