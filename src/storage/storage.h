// Objects with revisions and watch. Objects are bytes here: the JSON that was printed once for the store, served and
// watched as the same bytes. One event-loop thread calls everything; waiting happens in tasks. Reads are served from
// memory and never wait; a write's task ends after the commit at the durability asked for, and only then is the write
// visible to reads and watches. Revisions are one sequence over all objects, as etcd's.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/task.h"

namespace gatepost::storage {

using Bytes = std::shared_ptr<const std::string>;
using Revision = std::uint64_t;

// Which object: `collection` is group and resource as stored ("apps/deployments", "/pods"); `ns` is empty for
// cluster-scoped objects.
struct Key {
  std::string collection, ns, name;
  bool operator==(const Key&) const = default;
};

struct Object {
  Key key;
  Bytes bytes;
  Revision revision = 0;  // of its last change
  Revision create_revision = 0;
};

enum class ErrorKind { exists, not_found, conflict, expired, unavailable };

struct Error {
  ErrorKind kind;
  std::string text;                 // what the store says; for unavailable the reason of the disk
  std::optional<Object> current{};  // conflict and exists: what is there now
};

template <class T>
using StoreResult = Result<T, Error>;

// Prints the object for the revision it will have (metadata.resourceVersion). Called once, on the loop's thread, when
// the revision is known and before the commit.
using Encode = std::function<std::string(Revision)>;

enum class EventType { added, modified, removed };

struct Event {
  EventType type;
  Object object;   // for removed: the last state, with the revision of the removal
  Bytes previous;  // modified and removed: the bytes before; for selectors that stop to match
};

struct Page {
  std::vector<Object> objects;  // in key order: namespace, then name
  Revision revision = 0;        // of the store when the page was read
  bool more = false;
  std::size_t remaining = 0;  // how many objects follow, when more
};

struct ListOptions {
  std::string ns;                    // empty: all namespaces
  std::string after_ns, after_name;  // continue behind this key; both empty: from the start
  std::size_t limit = 0;             // 0: all
};

// A watch on one collection. Destroying it ends it.
class Watch {
 public:
  virtual ~Watch() = default;
  // The next event; nullopt when the watch was cancelled. Error expired: the watcher fell behind the history.
  virtual net::Task<StoreResult<std::optional<Event>>> next() = 0;
  // Like next(), but nullopt-in-time when nothing happened until `deadline` (for bookmarks): returns an Event with no
  // bytes and type modified never; see timed_out.
  virtual net::Task<StoreResult<std::optional<Event>>> next_until(net::SteadyTime deadline, bool* timed_out) = 0;
  // The revision up to which everything was delivered.
  virtual Revision revision() const = 0;
  virtual void cancel() = 0;
};

// A listener's life: it is called until this is destroyed or given away. It may outlive the store.
class [[nodiscard]] Subscription {
 public:
  Subscription() = default;
  explicit Subscription(std::shared_ptr<const void> listener) : listener_(std::move(listener)) {}
  Subscription(Subscription&&) noexcept = default;
  Subscription& operator=(Subscription&&) noexcept = default;

 private:
  std::shared_ptr<const void> listener_;  // the store itself only looks at it
};

// Tasks of a store must have ended before it is destroyed, and its watches before the loop is.
class Storage {
 public:
  virtual ~Storage() = default;

  virtual Revision revision() const = 0;  // of the last visible change
  virtual std::optional<Object> get(const Key& key) const = 0;
  virtual Page list(std::string_view collection, const ListOptions& options) const = 0;
  virtual std::size_t count(std::string_view collection) const = 0;

  virtual net::Task<StoreResult<Object>> create(Key key, Encode encode) = 0;
  // Replaces the object if its revision is still `expected`.
  virtual net::Task<StoreResult<Object>> update(Key key, Revision expected, Encode encode) = 0;
  // Removes it if its revision is still `expected`; `encode` prints the last state with the revision of the removal.
  virtual net::Task<StoreResult<Object>> remove(Key key, Revision expected, Encode encode) = 0;

  // Events after `from`. Error expired when `from` is older than the history kept.
  virtual StoreResult<std::unique_ptr<Watch>> watch(std::string collection, std::string ns, Revision from) = 0;

  // Ends when all that was acknowledged before, by whichever server on the same data, is visible. At once where there
  // is but one. Error unavailable: that cannot be known by `deadline`, or the data cannot be reached.
  virtual net::Task<StoreResult<void>> catch_up(net::SteadyTime deadline);

  // Called for every visible change, on the loop's thread, before watches see it: for indexes kept in memory
  // (configurations, namespaces, services). An empty collection means all.
  virtual Subscription on_change(std::string collection, std::function<void(const Event&)> listener) = 0;

  // Waits until everything acknowledged is on disk, then closes and lets the directory go. Later writes fail with
  // unavailable; reads go on.
  virtual net::Task<void> close() = 0;
};

enum class Durability {
  full,     // a write is acknowledged after it was synced to the disk: survives power loss
  relaxed,  // after the operating system has it: survives a kill of the process
};

struct OpenOptions {
  std::string directory;  // ":memory:": nothing on disk
  Durability durability = Durability::full;
  std::size_t history = 100000;  // events kept for watches that start in the past
};

// Opens or makes the store of a directory or ":memory:". Fails with one line that names the directory and the reason:
// not writable, broken, of a newer version, or in use by another process.
Result<std::unique_ptr<Storage>> open(OpenOptions options);

}  // namespace gatepost::storage
