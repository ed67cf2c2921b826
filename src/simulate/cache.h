// Cache: what the simulated cluster's controllers see, as an informer's store: the objects of a store that concern
// them, parsed once when they change, with the indexes they ask for (by controller, by node, by Service). It follows
// the store's changes on the loop's thread; an item that is held stays as it was.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "json/value.h"
#include "storage/storage.h"

namespace gatepost::simulate {

// The collections that are followed.
namespace collection {
inline constexpr std::string_view namespaces = "/namespaces", nodes = "/nodes", pods = "/pods", services = "/services",
                                  endpoints = "/endpoints", deployments = "apps/deployments",
                                  replica_sets = "apps/replicasets", stateful_sets = "apps/statefulsets",
                                  daemon_sets = "apps/daemonsets", jobs = "batch/jobs",
                                  slices = "discovery.k8s.io/endpointslices", budgets = "policy/poddisruptionbudgets";
}

struct Item {
  storage::Key key;
  json::Value value;
  std::string uid;
  std::string controller_uid, controller_kind, controller_name;  // of the owner that controls it; empty: nobody
  std::string node;                                              // of a pod: spec.nodeName
  bool deleting = false;                                         // has a deletionTimestamp
};
using ItemPtr = std::shared_ptr<const Item>;
// Keys are "namespace/name".
using Items = std::map<std::string, ItemPtr, std::less<>>;

struct Change {
  ItemPtr before, after;  // null: it was, or is, not there
  const Item& item() const { return after ? *after : *before; }
};

class Cache {
 public:
  // Reads what is stored and follows it. `store` outlives us.
  explicit Cache(storage::Storage& store);
  Cache(const Cache&) = delete;
  Cache& operator=(const Cache&) = delete;

  // Called for every change, after the cache knows it. One listener.
  void on_change(std::function<void(const Change&)> listener) { listener_ = std::move(listener); }

  ItemPtr find(std::string_view collection, std::string_view ns, std::string_view name) const;
  const Items& all(std::string_view collection) const;
  // Those of one namespace, in the order of their names.
  std::vector<ItemPtr> in(std::string_view collection, std::string_view ns) const;
  // What the owner with that uid controls.
  const Items& controlled_by(const std::string& uid) const;
  const Items& pods_on(const std::string& node) const;

 private:
  void put(std::string_view collection, const std::string& name, ItemPtr item);
  void changed(const storage::Event& event);
  void index(const ItemPtr& item, const std::string& name);
  void forget(const Item& item, const std::string& name);

  std::map<std::string, Items, std::less<>> items_;  // by collection
  std::unordered_map<std::string, Items> by_controller_, by_node_;
  std::function<void(const Change&)> listener_;
  storage::Subscription following_;
};

// "namespace/name", and back.
std::string key_name(std::string_view ns, std::string_view name);
std::pair<std::string, std::string> split_name(std::string_view key);

}  // namespace gatepost::simulate
