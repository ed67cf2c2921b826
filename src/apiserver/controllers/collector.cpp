#include "apiserver/controllers/collector.h"

#include <algorithm>
#include <cstring>
#include <set>

#include "apiserver/controllers/agent.h"
#include "apiserver/controllers/owner_index.h"
#include "apiserver/controllers/work_queue.h"
#include "apiserver/deletion.h"
#include "apiserver/metadata.h"
#include "json/parse.h"

namespace gatepost::apiserver {
namespace {

constexpr std::string_view orphan = "orphan", foreground = "foregroundDeletion";

// Asked of every object that is written, hence the fast search: a quote is too common in JSON to look for it first.
bool mentions(const std::string& bytes, std::string_view word) {
  return memmem(bytes.data(), bytes.size(), word.data(), word.size()) != nullptr;
}

bool has_finalizer(const json::Value& object, std::string_view name) {
  const json::Array* finalizers = json::array_at(object, {"metadata", "finalizers"});
  return finalizers && std::find(finalizers->begin(), finalizers->end(), json::Value(name)) != finalizers->end();
}

bool is_deleting(const json::Value& object) {
  return !json::string_at(object, {"metadata", "deletionTimestamp"}).empty();
}

std::string uid_of(const json::Value& object) {
  return std::string(json::string_at(object, {"metadata", "uid"}));
}

void drop_finalizer(json::Value& object, std::string_view name) {
  json::Value* finalizers = metadata_of(object).if_contains("finalizers");
  if (!finalizers || !finalizers->is_array()) return;
  json::Array& list = finalizers->get_array();
  list.erase(std::remove(list.begin(), list.end(), json::Value(name)), list.end());
  if (list.empty()) metadata_of(object).erase("finalizers");
}

void drop_owners(json::Value& object, const std::set<std::string>& uids) {
  json::Value* owners = metadata_of(object).if_contains("ownerReferences");
  if (!owners || !owners->is_array()) return;
  json::Array kept(object.storage());
  for (json::Value& owner : owners->get_array())
    if (!uids.contains(std::string(json::string_at(owner, {"uid"})))) kept.push_back(std::move(owner));
  if (kept.empty())
    metadata_of(object).erase("ownerReferences");
  else
    *owners = std::move(kept);
}

class Collector final : public GarbageCollector {
 public:
  explicit Collector(const Deps& deps)
      : agent_(deps, "generic-garbage-collector"),
        queue_([this](std::string key) { return attend(std::move(key)); }, {}) {
    following_ = deps.store.on_change("", [this](const storage::Event& event) { changed(event); });
    std::set<std::string> collections;
    for (const auto& resource : deps.registry->all()) collections.insert(resource->collection);
    for (const std::string& collection : collections)
      for (const storage::Object& object : deps.store.list(collection, {}).objects) present(object);
  }

  net::Task<void> run() override { return queue_.run(); }
  void stop() override { queue_.stop(); }

 private:
  // ---- what the store tells

  void changed(const storage::Event& event) {
    if (event.type == storage::EventType::removed)
      gone(event.object);
    else
      present(event.object);
  }

  void present(const storage::Object& object) {
    const std::string& bytes = *object.bytes;
    bool owned = mentions(bytes, "ownerReferences\":");
    bool deleting = mentions(bytes, "deletionTimestamp\":");
    if (!owned && !deleting && !index_.knows(object.key)) return;
    auto parsed = json::parse(bytes, json::make_arena(bytes.size() * 2));
    if (!parsed) return;
    if (index_.put(object.key, owners_of(*parsed))) queue_.add(key_text(object.key));
    if (!is_deleting(*parsed)) return;
    bool waits = has_finalizer(*parsed, foreground);
    if (!waits && !has_finalizer(*parsed, orphan)) return;
    queue_.add(key_text(object.key));
    if (!waits) return;
    std::string uid = uid_of(*parsed);
    if (waiting_.emplace(uid, key_text(object.key)).second)
      for (std::string& dependent : index_.dependents(uid)) queue_.add(std::move(dependent));
  }

  void gone(const storage::Object& object) {
    for (const std::string& owner : index_.owner_uids(object.key))
      if (auto waits = waiting_.find(owner); waits != waiting_.end()) queue_.add(waits->second);
    index_.erase(object.key);
    if (index_.empty() && waiting_.empty()) return;
    auto parsed = json::parse(*object.bytes, json::make_arena(object.bytes->size() * 2));
    if (!parsed) return;
    std::string uid = uid_of(*parsed);
    waiting_.erase(uid);
    for (std::string& dependent : index_.dependents(uid)) queue_.add(std::move(dependent));
  }

  // ---- one object's turn

  net::Task<WorkQueue::Outcome> attend(std::string text) {
    storage::Key key = read_key(text);
    auto object = read(key);
    const auto registry = agent_.deps().registry->snapshot();  // what it names lives as long
    const kube::ResourceInfo* resource = stored_resource(*registry, key.collection);
    if (!object || !resource) co_return WorkQueue::Outcome::done;
    kube::ApiResult<void> result;
    if (is_deleting(*object) && has_finalizer(*object, orphan))
      result = co_await orphan_dependents(*resource, key, *object);
    else if (is_deleting(*object) && has_finalizer(*object, foreground))
      result = co_await wait_for_dependents(*resource, key, *object);
    else if (!is_deleting(*object))
      result = co_await judge_owners(*resource, key, *object);
    co_return result ? WorkQueue::Outcome::done : WorkQueue::Outcome::retry;
  }

  std::optional<json::Value> read(const storage::Key& key) const {
    auto stored = agent_.deps().store.get(key);
    if (!stored) return std::nullopt;
    auto parsed = json::parse(*stored->bytes, json::make_arena(stored->bytes->size() * 2));
    if (!parsed) return std::nullopt;
    return std::move(*parsed);
  }

  net::Task<kube::ApiResult<void>> release(const kube::ResourceInfo& resource, storage::Key key,
                                           std::string_view finalizer) {
    std::string name(finalizer);
    return agent_.change(resource, std::move(key), "", [name](const json::Value& present) {
      json::Value next(present, present.storage());
      drop_finalizer(next, name);
      return kube::ApiResult<json::Value>(std::move(next));
    });
  }

  net::Task<kube::ApiResult<void>> disown(const kube::ResourceInfo& resource, storage::Key key,
                                          std::set<std::string> uids) {
    return agent_.change(resource, std::move(key), "", [uids = std::move(uids)](const json::Value& present) {
      json::Value next(present, present.storage());
      drop_owners(next, uids);
      return kube::ApiResult<json::Value>(std::move(next));
    });
  }

  net::Task<kube::ApiResult<void>> orphan_dependents(const kube::ResourceInfo& resource, storage::Key key,
                                                     const json::Value& object) {
    std::string uid = uid_of(object);
    const auto registry = agent_.deps().registry->snapshot();
    for (const std::string& text : index_.dependents(uid)) {
      storage::Key dependent = read_key(text);
      const kube::ResourceInfo* kind = stored_resource(*registry, dependent.collection);
      if (!kind) continue;
      if (auto left = co_await disown(*kind, dependent, {uid}); !left) co_return left;
    }
    co_return co_await release(resource, std::move(key), orphan);
  }

  // An owner that goes last: while dependents block it, they are asked to go; then its finalizer is taken away.
  net::Task<kube::ApiResult<void>> wait_for_dependents(const kube::ResourceInfo& resource, storage::Key key,
                                                       const json::Value& object) {
    std::string uid = uid_of(object);
    bool blocked = false;
    for (const std::string& text : index_.dependents(uid)) {
      auto dependent = read(read_key(text));
      if (!dependent) continue;
      for (const OwnerReference& owner : owners_of(*dependent)) blocked |= owner.uid == uid && owner.blocks_deletion;
      if (!is_deleting(*dependent)) queue_.add(text);
    }
    if (blocked) co_return kube::ApiResult<void>{};
    co_return co_await release(resource, std::move(key), foreground);
  }

  enum class Owner { there, waiting, gone, unknown };

  Owner look_up(const OwnerReference& reference, const std::string& ns) const {
    std::string group, version = reference.api_version;
    if (std::size_t slash = version.find('/'); slash != std::string::npos) {
      group = version.substr(0, slash);
      version.erase(0, slash + 1);
    }
    const kube::ResourceInfo* resource = agent_.deps().registry->find_kind(group, version, reference.kind);
    if (!resource) return Owner::unknown;
    if (resource->namespaced && ns.empty()) return Owner::unknown;
    auto owner = read({resource->collection, resource->namespaced ? ns : std::string(), reference.name});
    if (!owner || uid_of(*owner) != reference.uid) return Owner::gone;
    return is_deleting(*owner) && has_finalizer(*owner, foreground) ? Owner::waiting : Owner::there;
  }

  net::Task<kube::ApiResult<void>> judge_owners(const kube::ResourceInfo& resource, storage::Key key,
                                                const json::Value& object) {
    std::vector<OwnerReference> owners = owners_of(object);
    std::set<std::string> lost;
    std::size_t there = 0, waiting = 0;
    for (const OwnerReference& owner : owners) {
      Owner state = look_up(owner, key.ns);
      // A kind that is not served says nothing about the owner: nothing is deleted on a guess.
      if (state == Owner::unknown) co_return kube::ApiResult<void>{};
      if (state == Owner::there) {
        ++there;
        continue;
      }
      waiting += state == Owner::waiting;
      lost.insert(owner.uid);
    }
    if (lost.empty()) co_return kube::ApiResult<void>{};
    if (there > 0) co_return co_await disown(resource, std::move(key), std::move(lost));
    std::string uid = uid_of(object);
    std::string policy = "Background";
    if (waiting > 0 && !index_.dependents(uid).empty())
      policy = "Foreground";
    else if (has_finalizer(object, orphan))
      policy = "Orphan";
    else if (has_finalizer(object, foreground))
      policy = "Foreground";
    auto removed = co_await agent_.remove(resource, std::move(key), delete_options(policy, uid));
    // Another object of that name has taken the place: this one is gone.
    if (!removed && removed.error().code == 409) co_return kube::ApiResult<void>{};
    co_return removed;
  }

  Agent agent_;
  OwnerIndex index_;
  std::unordered_map<std::string, std::string> waiting_;  // uid -> key of owners that wait for their dependents
  WorkQueue queue_;
  storage::Subscription following_;
};

}  // namespace

std::unique_ptr<GarbageCollector> GarbageCollector::make(const Deps& deps) {
  return std::make_unique<Collector>(deps);
}

}  // namespace gatepost::apiserver
