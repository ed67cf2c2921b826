#include "apiserver/controllers/namespaces.h"

#include <algorithm>
#include <set>
#include <unordered_set>

#include "apiserver/controllers/agent.h"
#include "apiserver/controllers/namespace_conditions.h"
#include "apiserver/controllers/work_queue.h"
#include "apiserver/metadata.h"
#include "json/parse.h"

namespace gatepost::apiserver {
namespace {

constexpr std::string_view namespaces = "/namespaces", pods = "/pods", own_finalizer = "kubernetes";

bool mentions_deletion(const std::string& bytes) {
  return bytes.find("\"deletionTimestamp\"") != std::string::npos;
}

bool is_terminating(const json::Value& ns) {
  return !json::string_at(ns, {"metadata", "deletionTimestamp"}).empty();
}

bool is_finalized(const json::Value& ns) {
  const json::Array* finalizers = json::array_at(ns, {"spec", "finalizers"});
  return !finalizers || finalizers->empty();
}

void remove_own_finalizer(json::Value& ns) {
  json::Value* spec = ns.get_object().if_contains("spec");
  json::Value* finalizers = spec && spec->is_object() ? spec->get_object().if_contains("finalizers") : nullptr;
  if (!finalizers || !finalizers->is_array()) return;
  json::Array& list = finalizers->get_array();
  list.erase(std::remove(list.begin(), list.end(), json::Value(own_finalizer)), list.end());
  if (list.empty()) spec->get_object().erase("finalizers");
}

class Controller final : public NamespaceController {
 public:
  Controller(const Deps& deps, std::chrono::milliseconds grace)
      : grace_(grace),
        agent_(deps, "namespace-controller"),
        queue_([this](std::string name) { return sync(std::move(name)); }, {}) {
    following_ = deps.store.on_change("", [this](const storage::Event& event) { changed(event); });
    for (const storage::Object& ns : deps.store.list(namespaces, {}).objects)
      if (mentions_deletion(*ns.bytes)) queue_.add(ns.key.name);
  }

  net::Task<void> run() override { return queue_.run(); }
  void stop() override { queue_.stop(); }

 private:
  void changed(const storage::Event& event) {
    const storage::Key& key = event.object.key;
    bool removed = event.type == storage::EventType::removed;
    if (key.collection == namespaces) {
      if (removed)
        waiting_.erase(key.name);
      else if (mentions_deletion(*event.object.bytes))
        queue_.add_after(key.name, grace_);
    } else if (removed && !waiting_.empty() && waiting_.contains(key.ns)) {
      queue_.add(key.ns);
    }
  }

  net::Task<WorkQueue::Outcome> sync(std::string name) {
    const Deps& deps = agent_.deps();
    storage::Key key{std::string(namespaces), "", name};
    auto stored = deps.store.get(key);
    if (!stored) co_return WorkQueue::Outcome::done;
    auto ns = json::parse(*stored->bytes, json::make_arena());
    if (!ns || !is_terminating(*ns) || is_finalized(*ns)) co_return WorkQueue::Outcome::done;
    // What goes from now on is heard.
    waiting_.insert(name);
    Remains remains = co_await delete_contents(name);
    const auto registry = deps.registry->snapshot();
    const kube::ResourceInfo* resource = stored_resource(*registry, namespaces);
    if (!resource) co_return WorkQueue::Outcome::done;
    WallTime now = deps.now();
    auto told = co_await agent_.change(*resource, key, "status", [&remains, now](const json::Value& present) {
      json::Value next(present, present.storage());
      update_conditions(next, remains, now);
      return kube::ApiResult<json::Value>(std::move(next));
    });
    if (!told || !remains.errors.empty()) co_return WorkQueue::Outcome::retry;
    if (!remains.objects.empty()) co_return WorkQueue::Outcome::done;  // removals bring it back
    auto finalized = co_await agent_.change(*resource, key, "finalize", [](const json::Value& present) {
      json::Value next(present, present.storage());
      remove_own_finalizer(next);
      return kube::ApiResult<json::Value>(std::move(next));
    });
    co_return finalized ? WorkQueue::Outcome::done : WorkQueue::Outcome::retry;
  }

  // Pods first: what they need must not vanish under them.
  net::Task<Remains> delete_contents(std::string name) {
    Remains remains;
    const auto registry_now = agent_.deps().registry->snapshot();  // what it names lives as long
    const kube::Registry& registry = *registry_now;
    if (const kube::ResourceInfo* resource = stored_resource(registry, pods))
      co_await delete_all(*resource, name, remains);
    if (!remains.objects.empty() || !remains.errors.empty()) co_return remains;
    std::set<std::string> seen{std::string(pods)};
    std::vector<const kube::ResourceInfo*> resources;
    for (const auto& resource : registry.all())
      if (resource->namespaced && resource->has_verb("delete") && seen.insert(resource->collection).second)
        if (const kube::ResourceInfo* as_stored = stored_resource(registry, resource->collection))
          resources.push_back(as_stored);
    for (const kube::ResourceInfo* resource : resources) co_await delete_all(*resource, name, remains);
    co_return remains;
  }

  net::Task<void> delete_all(const kube::ResourceInfo& resource, std::string name, Remains& remains) {
    storage::Storage& store = agent_.deps().store;
    storage::ListOptions scope;
    scope.ns = name;
    for (const storage::Object& object : store.list(resource.collection, scope).objects) {
      auto removed = co_await agent_.remove(resource, object.key, delete_options("Background", ""));
      if (removed) continue;
      // As the deletion of a collection, it ends at the first failure.
      remains.errors.push_back(removed.error().message);
      break;
    }
    storage::Page left = store.list(resource.collection, scope);
    if (left.objects.empty()) co_return;
    remains.objects[resource.resource + "." + resource.group] = left.objects.size();
    for (const storage::Object& object : left.objects) {
      auto parsed = json::parse(*object.bytes, json::make_arena());
      const json::Array* finalizers = parsed ? json::array_at(*parsed, {"metadata", "finalizers"}) : nullptr;
      if (!finalizers) continue;
      for (const json::Value& finalizer : *finalizers)
        if (finalizer.is_string()) ++remains.finalizers[std::string(json::view(finalizer.get_string()))];
    }
  }

  const std::chrono::milliseconds grace_;
  Agent agent_;
  std::unordered_set<std::string> waiting_;  // namespaces whose contents are watched for removals
  WorkQueue queue_;
  storage::Subscription following_;
};

}  // namespace

std::unique_ptr<NamespaceController> NamespaceController::make(const Deps& deps, std::chrono::milliseconds grace) {
  return std::make_unique<Controller>(deps, grace);
}

}  // namespace gatepost::apiserver
