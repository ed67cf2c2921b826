#include "rehearse/happen.h"

#include <algorithm>
#include <map>

#include "json/parse.h"
#include "simulate/objects.h"

namespace gatepost::rehearse {
namespace {

namespace collection = simulate::collection;
using simulate::ItemPtr;
using simulate::Write;

constexpr const char* administrator = "kubernetes-admin";
constexpr std::chrono::minutes drain_patience{10};  // for one node

// An object as somebody would apply it again.
json::Value as_applied(const json::Value& object) {
  json::Value next(object, json::make_arena(8 * 1024));
  json::Object& fields = next.get_object();
  fields.erase("status");
  json::Object& metadata = simulate::child(fields, "metadata");
  for (std::string_view own :
       {"uid", "resourceVersion", "creationTimestamp", "generation", "deletionTimestamp", "deletionGracePeriodSeconds"})
    metadata.erase(own);
  return next;
}

class Played final : public Happening {
 public:
  Played(World& world, const Scenario& scenario) : world_(world), cluster_(*world.cluster), scenario_(scenario) {}

  net::Task<void> start() override {
    if (scenario_.fault != simulate::Fault::none)
      for (std::size_t b : scenario_.backends) cluster_.set_fault(world_.backends[b].id, scenario_.fault);
    switch (scenario_.event) {
      case Event::none:
        break;
      case Event::lose_replicas:
        for (std::size_t b : scenario_.backends)
          for (const ItemPtr& pod : pods_of(world_, world_.backends[b])) co_await lose(pod);
        break;
      case Event::restart_cluster: {
        const simulate::Items pods = cluster_.cache().all(collection::pods);
        for (const auto& [key, pod] : pods)
          if (!simulate::is_finished(*pod)) co_await lose(pod);
        break;
      }
      case Event::drain_nodes:
        for (std::size_t b : scenario_.backends)
          for (const ItemPtr& pod : pods_of(world_, world_.backends[b]))
            if (!pod->node.empty() && std::find(nodes_.begin(), nodes_.end(), pod->node) == nodes_.end())
              nodes_.push_back(pod->node);
        break;
      case Event::lose_node:
        co_await lose_node();
        break;
      case Event::roll_out:
        take_over_workloads();
        co_await roll_out();
        break;
      case Event::delete_namespace:
        co_await begin_deletion();
        break;
      case Event::scale_from_zero:
        for (const Workload& workload : workloads()) co_await scale_silently(workload, 0);
        break;
    }
  }

  net::Task<void> step() override {
    if (scenario_.event == Event::drain_nodes) co_await drain();
    if (scenario_.event == Event::roll_out) co_await roll_out();
    if (scenario_.event == Event::delete_namespace && !back_) co_await empty_namespace();
    if (back_) co_await apply_again();
  }

  net::Task<void> bring_back() override {
    back_ = true;
    for (std::size_t b : scenario_.backends) cluster_.set_fault(world_.backends[b].id, simulate::Fault::none);
    if (scenario_.event == Event::scale_from_zero) take_over_workloads();
    if (scenario_.event == Event::delete_namespace) co_await finish_deletion();
    co_await apply_again();
  }

  bool done() const override {
    if (scenario_.event == Event::drain_nodes) return at_node_ >= nodes_.size();
    if (scenario_.event == Event::roll_out) return to_scale_.empty();
    return !needs_help() || (back_ && again_.empty() && to_scale_.empty());
  }

  bool needs_help() const override {
    return scenario_.fault != simulate::Fault::none || scenario_.event == Event::delete_namespace ||
           scenario_.event == Event::scale_from_zero || !again_.empty();
  }

  const std::vector<std::string>& remarks() const override { return remarks_; }

 private:
  // All of a sudden, without anybody's request. A pod that nobody controls comes back when somebody makes it again; one
  // that a kubelet reads from a file comes back by itself and is left alone.
  net::Task<void> lose(ItemPtr pod) {
    if (!simulate::annotation(pod->value, "kubernetes.io/config.mirror").empty()) co_return;
    if (pod->controller_uid.empty() && is_of_backend(*pod)) {
      json::Value object = as_applied(pod->value);
      simulate::child(object.get_object(), "spec").erase("nodeName");
      again_.push_back({collection::pods.data(), pod->key.ns, pod->key.name, std::move(object)});
      remarks_.push_back("Pod " + pod->key.ns + "/" + pod->key.name +
                         " has no controller: somebody must make it again");
    }
    co_await cluster_.drop(pod->key);
  }

  bool is_of_backend(const simulate::Item& pod) const {
    for (const Workload& workload : workloads())
      if (workload.kind == "Pod" && workload.ns == pod.key.ns && workload.name == pod.key.name) return true;
    return false;
  }

  std::vector<Workload> workloads() const {
    std::vector<Workload> all;
    for (std::size_t b : scenario_.backends)
      for (const Workload& workload : world_.backends[b].workloads) all.push_back(workload);
    return all;
  }

  void take_over_workloads() {
    for (const Workload& workload : workloads())
      if (workload.kind != "Pod") to_scale_.push_back(workload);
  }

  net::Task<void> lose_node() {
    std::map<std::string, std::size_t> carried;
    for (std::size_t b : scenario_.backends)
      for (const ItemPtr& pod : pods_of(world_, world_.backends[b]))
        if (!pod->node.empty()) ++carried[pod->node];
    auto most = std::max_element(carried.begin(), carried.end(),
                                 [](const auto& a, const auto& b) { return a.second < b.second; });
    if (most == carried.end()) co_return;
    ItemPtr node = cluster_.cache().find(collection::nodes, "", most->first);
    if (!node) co_return;
    json::Value next = simulate::copy_of(*node);
    simulate::child(simulate::child(next.get_object(), "metadata"), "annotations")[simulate::behaviour::lost] = "true";
    co_await cluster_.put(*cluster_.resource(collection::nodes), std::move(next));
  }

  net::Task<void> set_unschedulable(std::string name, bool value) {
    ItemPtr node = cluster_.cache().find(collection::nodes, "", name);
    if (!node) co_return;
    json::Value next = simulate::copy_of(*node);
    json::Object& spec = simulate::child(next.get_object(), "spec");
    if (value)
      spec["unschedulable"] = true;
    else
      spec.erase("unschedulable");
    co_await cluster_.put(*cluster_.resource(collection::nodes), std::move(next));
  }

  net::Task<void> drain() {
    if (at_node_ >= nodes_.size()) co_return;
    const std::string node = nodes_[at_node_];
    if (!cordoned_) {
      co_await set_unschedulable(node, true);
      cordoned_ = true;
      drain_began_ = cluster_.now();
    }
    bool empty = true;
    std::string last;
    const simulate::Items pods = cluster_.cache().pods_on(node);
    for (const auto& [key, pod] : pods) {
      if (pod->controller_kind == "DaemonSet" || simulate::is_finished(*pod)) continue;
      if (!simulate::annotation(pod->value, "kubernetes.io/config.mirror").empty()) continue;
      empty = false;
      if (pod->deleting) continue;
      Write write;
      write.collection = collection::pods;
      write.subresource = "eviction";
      write.ns = pod->key.ns;
      write.name = pod->key.name;
      json::Object metadata{{"name", pod->key.name}, {"namespace", pod->key.ns}};
      write.object = json::Object{{"kind", "Eviction"}, {"apiVersion", "policy/v1"}, {"metadata", std::move(metadata)}};
      write.user = administrator;
      if (auto evicted = co_await cluster_.write(std::move(write)); !evicted)
        last = "pod " + key + ": " + evicted.error().message;
    }
    const bool late = cluster_.now() - drain_began_ > drain_patience;
    if (!empty && !late) co_return;
    if (!empty) remarks_.push_back("the drain of " + node + " does not end: " + (last.empty() ? "pods remain" : last));
    co_await set_unschedulable(node, false);
    cordoned_ = false;
    ++at_node_;
  }

  // kubectl rollout restart.
  net::Task<void> roll_out() {
    std::vector<Workload> left;
    for (const Workload& workload : std::exchange(to_scale_, {})) {
      ItemPtr item = cluster_.cache().find(workload.collection, workload.ns, workload.name);
      if (!item) continue;
      json::Value next = simulate::copy_of(*item);
      json::Object& pod = simulate::child(simulate::child(next.get_object(), "spec"), "template");
      simulate::child(simulate::child(pod, "metadata"), "annotations")["kubectl.kubernetes.io/restartedAt"] =
          rfc3339(cluster_.now());
      auto done = co_await cluster_.write(simulate::update_write(*item, std::move(next), "", administrator));
      if (!done) left.push_back(workload);
    }
    to_scale_ = std::move(left);
  }

  net::Task<void> scale_silently(Workload workload, std::int64_t replicas) {
    ItemPtr item = cluster_.cache().find(workload.collection, workload.ns, workload.name);
    if (!item || workload.kind == "Pod" || workload.kind == "DaemonSet") co_return;
    json::Value next = simulate::copy_of(*item);
    simulate::child(next.get_object(), "spec")["replicas"] = replicas;
    simulate::child(next.get_object(), "metadata")["generation"] =
        json::int_at(next, {"metadata", "generation"}, 1) + 1;
    co_await cluster_.put(*cluster_.resource(workload.collection), std::move(next));
  }

  const std::string& space() const { return world_.backends[scenario_.backends.front()].ns; }

  static constexpr std::string_view contents[] = {
      collection::pods,        collection::deployments, collection::replica_sets, collection::stateful_sets,
      collection::daemon_sets, collection::jobs,        collection::services,     collection::budgets};

  net::Task<void> begin_deletion() {
    ItemPtr ns = cluster_.cache().find(collection::namespaces, "", space());
    if (!ns) co_return;
    again_.push_back({std::string(collection::namespaces), "", space(), as_applied(ns->value)});
    for (std::string_view of : {collection::services, collection::budgets, collection::deployments,
                                collection::stateful_sets, collection::daemon_sets, collection::replica_sets})
      for (const ItemPtr& item : cluster_.cache().in(of, space()))
        if (item->controller_uid.empty())
          again_.push_back({std::string(of), space(), item->key.name, as_applied(item->value)});
    json::Value next = simulate::copy_of(*ns);
    simulate::child(next.get_object(), "metadata")["deletionTimestamp"] = rfc3339(cluster_.now());
    co_await cluster_.put(*cluster_.resource(collection::namespaces), std::move(next));
    co_await empty_namespace();
  }

  net::Task<void> empty_namespace() {
    bool empty = true;
    for (std::string_view of : contents) {
      for (const ItemPtr& item : cluster_.cache().in(of, space())) {
        empty = false;
        if (item->deleting) continue;
        auto gone = co_await cluster_.write(
            simulate::remove_write(*item, simulate::controller_account("namespace-controller")));
        if (!gone && gone.error().code != 404) stuck_ = gone.error().message;
      }
      if (!empty && of == collection::pods) break;  // pods first
    }
    if (!empty || !cluster_.cache().in(collection::slices, space()).empty()) co_return;
    co_await cluster_.drop({std::string(collection::namespaces), "", space()});
  }

  // Who installs again waits until the namespace is gone; where it does not go, its finalizer is taken away by hand.
  net::Task<void> finish_deletion() {
    if (!cluster_.cache().find(collection::namespaces, "", space())) co_return;
    remarks_.push_back("namespace " + space() + " does not go by itself" + (stuck_.empty() ? "" : ": " + stuck_));
    for (std::string_view of : contents)
      for (const ItemPtr& item : cluster_.cache().in(of, space())) co_await cluster_.drop(item->key);
    for (const ItemPtr& item : cluster_.cache().in(collection::slices, space())) co_await cluster_.drop(item->key);
    co_await cluster_.drop({std::string(collection::namespaces), "", space()});
  }

  net::Task<void> apply_again() {
    std::vector<Applied> left;
    for (Applied& applied : std::exchange(again_, {})) {
      Write write;
      write.collection = applied.collection;
      write.ns = applied.ns;
      write.name = applied.name;
      write.object = json::Value(applied.object, json::make_arena());
      write.user = administrator;
      auto made = co_await cluster_.write(std::move(write));
      if (!made && made.error().reason != "AlreadyExists") left.push_back(std::move(applied));
    }
    again_ = std::move(left);
    if (scenario_.event != Event::scale_from_zero) co_return;
    std::vector<Workload> not_yet;
    for (const Workload& workload : std::exchange(to_scale_, {})) {
      ItemPtr item = cluster_.cache().find(workload.collection, workload.ns, workload.name);
      if (!item || workload.kind == "DaemonSet") continue;
      json::Value next = simulate::copy_of(*item);
      simulate::child(next.get_object(), "spec")["replicas"] = std::max<std::int64_t>(workload.replicas, 1);
      auto done = co_await cluster_.write(simulate::update_write(*item, std::move(next), "", administrator));
      if (!done) not_yet.push_back(workload);
    }
    to_scale_ = std::move(not_yet);
  }

  struct Applied {
    std::string collection, ns, name;
    json::Value object;
  };

  World& world_;
  simulate::VirtualCluster& cluster_;
  const Scenario scenario_;
  bool back_ = false, cordoned_ = false;
  std::vector<std::string> nodes_;
  std::size_t at_node_ = 0;
  WallTime drain_began_;
  std::vector<Applied> again_;      // to be made when the backend is brought back
  std::vector<Workload> to_scale_;  // or rolled out
  std::string stuck_;
  std::vector<std::string> remarks_;
};

}  // namespace

std::unique_ptr<Happening> Happening::make(World& world, const Scenario& scenario) {
  return std::make_unique<Played>(world, scenario);
}

}  // namespace gatepost::rehearse
