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
  for (const Backend& backend : world->backends) {
    cluster.set_fault(backend.id, simulate::Fault::refusing);
    for (std::size_t at = 0; at < world->canaries.size(); ++at) {
      std::vector<std::int64_t> before;
      auto failures = [&cluster](const std::string& name) {
        auto open = cluster.failed_open().find(name), closed = cluster.failed_closed().find(name);
        return (open == cluster.failed_open().end() ? 0 : open->second) +
               (closed == cluster.failed_closed().end() ? 0 : closed->second);
      };
      for (std::size_t w : backend.webhooks) before.push_back(failures(world->webhooks[w].name));
      (void)co_await cluster.ask(write_of(world->canaries[at]));
      for (std::size_t i = 0; i < backend.webhooks.size(); ++i) {
        Webhook& webhook = world->webhooks[backend.webhooks[i]];
        if (failures(webhook.name) != before[i] && webhook.canaries.size() < most_a_webhook)
          webhook.canaries.push_back(at);
      }
    }
    cluster.set_fault(backend.id, simulate::Fault::none);
  }
}

}  // namespace gatepost::rehearse
