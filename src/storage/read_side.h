// What is visible: the objects in memory, the listeners and the watches. Both stores write through it, after their
// commit and in the order of revisions.
#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "storage/key_index.h"
#include "storage/watch_hub.h"

namespace gatepost::storage {

// One change of one object, as it is committed. `bytes` of a removal are the last state.
struct Change {
  EventType type;
  Object object;
};

class ReadSide {
 public:
  explicit ReadSide(HistoryLimits limits) : hub_(limits) {}

  Revision revision() const { return hub_.revision(); }
  const Record* find(const Key& key) const;
  std::optional<Object> get(const Key& key) const;
  Page list(std::string_view collection, const ListOptions& options) const;
  std::size_t count(std::string_view collection) const;
  StoreResult<std::unique_ptr<Watch>> watch(std::string collection, std::string ns, Revision from);
  Subscription on_change(std::string collection, std::function<void(const Event&)> listener);

  // Puts what was there before anybody looked: no event. begin() ends the loading at the revision of the last change.
  void load(Object object);
  void begin(Revision revision) { hub_.begin(revision); }
  void advance(Revision to) { hub_.advance(to); }
  // Calls for every object there is.
  void each(const std::function<void(const Object&)>& visit) const;
  // Makes a committed change visible: index, then listeners, then watches.
  void apply(const Change& change);

  // May the object be created, or changed from `expected`? The error carries what is there now.
  StoreResult<void> check_create(const Key& key) const;
  StoreResult<void> check_change(const Key& key, Revision expected) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  const KeyIndex* index(std::string_view collection) const;

  std::unordered_map<std::string, KeyIndex, Hash, std::equal_to<>> collections_;
  struct Listener {
    std::string collection;  // empty: all
    std::function<void(const Event&)> call;
  };
  void tell_listeners(const Event& event);

  std::vector<std::weak_ptr<const Listener>> listeners_;  // their Subscriptions own them
  WatchHub hub_;
};

// Shared bytes that hold no more memory than they need.
Bytes share(std::string text);

}  // namespace gatepost::storage
