#include "rehearse/canaries.h"

#include <algorithm>
#include <set>

#include "admission/predicates/rules.h"
#include "json/parse.h"
#include "json/write.h"
#include "simulate/objects.h"

namespace gatepost::rehearse {
namespace {

namespace collection = simulate::collection;
using simulate::ItemPtr;
using Verb = simulate::Write::Verb;

constexpr std::size_t most_pods = 240;  // canaries of pods in all
constexpr std::size_t most_pods_a_space = 6;
constexpr std::size_t most_namespaces = 40;  // in which an object of a named resource is tried
constexpr std::size_t most_a_webhook = 60;

// The pod that a workload's controller would make.
Canary pod_canary(const ItemPtr& workload, const std::string& kind) {
  Canary canary;
  canary.collection = collection::pods;
  canary.ns = workload->key.ns;
  canary.what = "CREATE pods in " + canary.ns + " (as " + kind + " " + workload->key.name + " makes them)";
  json::Value pod = simulate::pod_of_template(*workload, "apps/v1", kind == "Deployment" ? "ReplicaSet" : kind,
                                              workload->key.name + "-", "");
  canary.object = json::write(pod);
  return canary;
}

void add_pods(World& world) {
  std::map<std::string, std::size_t> in_space;
  auto add = [&](std::string_view kind_collection, const std::string& kind) {
    for (const auto& [key, workload] : world.cluster->cache().all(kind_collection)) {
      if (world.canaries.size() >= most_pods) return;
      if (kind == "ReplicaSet" && !workload->controller_uid.empty()) continue;
      if (in_space[workload->key.ns]++ >= most_pods_a_space) continue;
      world.canaries.push_back(pod_canary(workload, kind));
    }
  };
  add(collection::deployments, "Deployment");
  add(collection::stateful_sets, "StatefulSet");
  add(collection::daemon_sets, "DaemonSet");
  add(collection::replica_sets, "ReplicaSet");
  // A plain pod where no workload is.
  for (const auto& [key, ns] : world.cluster->cache().all(collection::namespaces)) {
    if (world.canaries.size() >= most_pods) break;
    if (in_space.contains(ns->key.name)) continue;
    Canary canary;
    canary.collection = collection::pods;
    canary.ns = ns->key.name;
    canary.what = "CREATE pods in " + canary.ns;
    json::Object container{{"name", "canary"}, {"image", "canary"}};
    canary.object = json::write(
        json::Value(json::Object{{"kind", "Pod"},
                                 {"apiVersion", "v1"},
                                 {"metadata", json::Object{{"name", "canary"}, {"namespace", canary.ns}}},
                                 {"spec", json::Object{{"containers", json::Array{std::move(container)}}}}}));
    canary.name = "canary";
    world.canaries.push_back(std::move(canary));
  }
}

// An object of a resource that a rule names, in every namespace.
void add_named(World& world, const std::string& resource, const kube::ResourceInfo& info, Verb verb,
               std::set<std::string>& known) {
  std::vector<std::string> spaces;
  if (info.namespaced) {
    for (const auto& [key, ns] : world.cluster->cache().all(collection::namespaces))
      if (spaces.size() < most_namespaces) spaces.push_back(ns->key.name);
  } else {
    spaces.emplace_back("");
  }
  const char* verb_text = verb == Verb::create ? "CREATE " : verb == Verb::update ? "UPDATE " : "DELETE ";
  for (const std::string& ns : spaces) {
    Canary canary;
    canary.collection = info.collection;
    canary.ns = ns;
    canary.verb = verb;
    canary.name = "canary";
    canary.what = verb_text + resource + (ns.empty() ? "" : " in " + ns);
    if (!known.insert(canary.what).second) continue;
    json::Object metadata{{"name", "canary"}};
    if (!ns.empty()) metadata["namespace"] = ns;
    canary.object = json::write(json::Value(json::Object{{"kind", info.kind},
                                                         {"apiVersion", kube::api_version(info.group, info.version)},
                                                         {"metadata", std::move(metadata)}}));
    world.canaries.push_back(std::move(canary));
  }
}

void add_of_rules(World& world) {
  std::set<std::string> known;
  for (const Webhook& webhook : world.webhooks) {
    auto stored = world.cluster->store().get({webhook.collection, "", webhook.configuration_name});
    auto parsed = stored ? json::parse(*stored->bytes, json::make_arena()) : Result<json::Value>(fail("gone"));
    const json::Array* hooks = parsed ? json::array_at(*parsed, {"webhooks"}) : nullptr;
    const json::Array* rules =
        hooks && webhook.index < hooks->size() ? json::array_at((*hooks)[webhook.index], {"rules"}) : nullptr;
    if (!rules) continue;
    for (const json::Value& value : *rules) {
      const admission::Rule rule = admission::read_rule(value);
      const std::string operation = rule.operations.empty() ? "*" : rule.operations.front();
      const Verb verb = operation == "UPDATE" ? Verb::update : operation == "DELETE" ? Verb::remove : Verb::create;
      for (const std::string& resource : rule.resources) {
        if (resource == "*" || resource.find('/') != std::string::npos) continue;
        if (resource == "pods" && verb == Verb::create) continue;  // those of the workloads
        for (const auto& info : world.cluster->registry().all())
          if (info->resource == resource && world.cluster->resource(info->collection) == info.get())
            add_named(world, resource, *info, verb, known);
      }
    }
  }
}

// The webhooks (by name) whose calls failed for this canary. All backends fail: validating webhooks are called together
// and all show at once; a mutating one that refuses hides those behind it, so its backend is mended and the canary sent
// again.
net::Task<std::set<std::string>> met_by(World* world, Canary canary) {
  simulate::VirtualCluster& cluster = *world->cluster;
  std::set<std::string> met;
  std::vector<std::string> mended;
  for (bool more = true; more;) {
    const auto open_before = cluster.failed_open(), closed_before = cluster.failed_closed();
    auto answer = co_await cluster.ask(write_of(canary));
    std::set<std::string> fresh;
    auto take = [&fresh, &met](const auto& before, const auto& after) {
      for (const auto& [name, count] : after) {
        auto known = before.find(name);
        if ((known == before.end() || known->second != count) && !met.contains(name)) fresh.insert(name);
      }
    };
    take(open_before, cluster.failed_open());
    take(closed_before, cluster.failed_closed());
    met.insert(fresh.begin(), fresh.end());
    more = !answer && !fresh.empty();
    for (const Webhook& webhook : world->webhooks) {
      if (!more || !fresh.contains(webhook.name)) continue;
      cluster.set_fault(webhook.backend, simulate::Fault::none);
      mended.push_back(webhook.backend);
    }
  }
  for (const std::string& backend : mended) cluster.set_fault(backend, simulate::Fault::refusing);
  co_return met;
}

}  // namespace

simulate::Write write_of(const Canary& canary) {
  simulate::Write write;
  write.verb = canary.verb;
  write.collection = canary.collection;
  write.subresource = canary.subresource;
  write.ns = canary.ns;
  write.name = canary.name;
  if (auto object = json::parse(canary.object, json::make_arena(canary.object.size() * 3)))
    write.object = std::move(*object);
  write.user = canary.collection == collection::pods ? simulate::controller_account("replicaset-controller")
                                                     : "kubernetes-admin";
  return write;
}

net::Task<void> find_canaries(World* world) {
  add_pods(*world);
  add_of_rules(*world);
  simulate::VirtualCluster& cluster = *world->cluster;
  for (const Backend& backend : world->backends) cluster.set_fault(backend.id, simulate::Fault::refusing);
  for (std::size_t at = 0; at < world->canaries.size(); ++at) {
    const std::set<std::string> met = co_await met_by(world, world->canaries[at]);
    for (Webhook& webhook : world->webhooks)
      if (met.contains(webhook.name) && webhook.canaries.size() < most_a_webhook) webhook.canaries.push_back(at);
  }
  for (const Backend& backend : world->backends) cluster.set_fault(backend.id, simulate::Fault::none);
}

}  // namespace gatepost::rehearse
