#include "storage/sqlite.h"

#include <unordered_map>
#include <utility>
#include <vector>

#include "net/event.h"
#include "net/loop.h"
#include "storage/committer.h"
#include "storage/data_directory.h"
#include "storage/read_side.h"

namespace gatepost::storage {
namespace {

using Batch = std::vector<Committer::WritePtr>;
using Waiters = std::vector<std::shared_ptr<net::Event>>;

std::string full_key(const Key& key) {
  return key.collection + '\0' + compose_key(key.ns, key.name);
}

class SqliteStorage final : public Storage {
 public:
  SqliteStorage(DataDirectory directory, HistoryLimits limits, Durability durability)
      : directory_(std::move(directory)), visible_(limits), durability_(durability) {}

  Result<void> start(std::unique_ptr<SqliteFile> file) {
    const auto newest = file->load([this](Object object) { visible_.load(std::move(object)); });
    if (!newest) return fail_with(newest.error());
    assigned_ = *newest;
    visible_.begin(assigned_);
    committer_ = std::make_unique<Committer>(std::move(file));
    return {};
  }

  Revision revision() const override { return visible_.revision(); }
  std::optional<Object> get(const Key& key) const override { return visible_.get(key); }
  Page list(std::string_view collection, const ListOptions& options) const override {
    return visible_.list(collection, options);
  }
  std::size_t count(std::string_view collection) const override { return visible_.count(collection); }
  StoreResult<std::unique_ptr<Watch>> watch(std::string collection, std::string ns, Revision from) override {
    return visible_.watch(std::move(collection), std::move(ns), from);
  }
  Subscription on_change(std::string collection, std::function<void(const Event&)> listener) override {
    return visible_.on_change(std::move(collection), std::move(listener));
  }

  net::Task<StoreResult<Object>> create(Key key, Encode encode) override {
    co_return co_await write(EventType::added, std::move(key), 0, std::move(encode));
  }
  net::Task<StoreResult<Object>> update(Key key, Revision expected, Encode encode) override {
    co_return co_await write(EventType::modified, std::move(key), expected, std::move(encode));
  }
  net::Task<StoreResult<Object>> remove(Key key, Revision expected, Encode encode) override {
    co_return co_await write(EventType::removed, std::move(key), expected, std::move(encode));
  }

  net::Task<void> close() override {
    if (std::exchange(closed_, true)) co_return;
    co_await hand_over(std::exchange(turn_, {}));
    auto post = co_await net::poster();
    auto finished = std::make_shared<net::Event>();
    committer_->finish([post, finished] { post([finished] { finished->fire(); }); });
    co_await finished->wait();
    take_back();
    committer_.reset();
    directory_.reset();
  }

 private:
  // One write of a key is under way at a time; the next one waits and then judges what it sees. So no write is ever
  // built on one that may still fail.
  net::Task<StoreResult<Object>> write(EventType type, Key key, Revision expected, Encode encode) {
    std::string pending_key = full_key(key);
    for (;;) {
      if (closed_) co_return fail_with(Error{ErrorKind::unavailable, "the store is closed"});
      const auto found = pending_.find(pending_key);
      if (found == pending_.end()) break;
      auto turn = std::make_shared<net::Event>();
      found->second.push_back(turn);
      co_await turn->wait();
    }
    auto allowed = type == EventType::added ? visible_.check_create(key) : visible_.check_change(key, expected);
    if (!allowed) co_return fail_with(std::move(allowed).error());
    auto done = std::make_shared<net::Event>();
    auto [slot, fresh] = pending_.try_emplace(std::move(pending_key));
    slot->second.push_back(done);
    const Revision revision = ++assigned_;
    const Revision created = type == EventType::added ? revision : visible_.find(key)->create_revision;
    auto write = std::make_shared<Committer::Write>(
        Committer::Write{{type, {std::move(key), share(encode(revision)), revision, created}}});
    turn_.push_back(write);
    if (turn_.size() == 1) {
      // The first of this turn of the loop sees to all who come in the same turn.
      co_await net::yield();
      if (auto batch = std::exchange(turn_, {}); !batch.empty()) co_await commit(std::move(batch));
    }
    co_await done->wait();
    if (!write->outcome)
      co_return fail_with(Error{ErrorKind::unavailable, "cannot write: " + write->outcome.error().text});
    co_return std::move(write->change.object);
  }

  net::Task<void> commit(Batch batch) {
    if (durability_ == Durability::relaxed && committer_->commit_here(batch)) {
      publish(batch);
    } else {
      co_await hand_over(std::move(batch));
    }
  }

  // Leaves the writes to the thread.
  net::Task<void> hand_over(Batch batch) {
    if (batch.empty()) co_return;
    // Nothing with the thread is the one moment at which the loop may be another than before.
    if (handed_over_ == 0) {
      auto post = co_await net::poster();
      committer_->set_wake([post = std::move(post), self = std::weak_ptr(self_)] {
        post([self] {
          if (const auto store = self.lock()) (*store)->take_back();
        });
      });
    }
    handed_over_ += batch.size();
    for (auto& write : batch) committer_->submit(std::move(write));
  }

  void take_back() {
    const Batch done = committer_->take_done();
    handed_over_ -= done.size();
    publish(done);
  }

  // Makes visible what has been committed, in order, and lets its writers go on.
  void publish(const Batch& done) {
    for (const auto& write : done) {
      const auto slot = pending_.find(full_key(write->change.object.key));
      const Waiters waiters = std::move(slot->second);
      pending_.erase(slot);
      if (write->outcome) visible_.apply(write->change);
      for (const auto& waiter : waiters) waiter->fire();
    }
  }

  std::optional<DataDirectory> directory_;  // until closed
  ReadSide visible_;
  std::unordered_map<std::string, Waiters> pending_;  // writes under way: their own task first, then who waits for them
  std::shared_ptr<SqliteStorage*> self_ = std::make_shared<SqliteStorage*>(this);  // a late wake finds it gone
  Durability durability_;
  Batch turn_;                   // writes that wait for the end of this turn of the loop
  std::size_t handed_over_ = 0;  // writes that are with the committer's thread
  Revision assigned_ = 0;
  bool closed_ = false;
  std::unique_ptr<Committer> committer_;  // last: its thread ends first
};

}  // namespace

Result<std::unique_ptr<Storage>> open_sqlite(const OpenOptions& options, std::string vfs) {
  auto directory = DataDirectory::claim(options.directory);
  if (!directory) return fail_with(std::move(directory).error());
  auto file = SqliteFile::open({directory->file("objects.db"), options.durability, std::move(vfs)});
  if (!file) return fail_with(std::move(file).error());
  auto store = std::make_unique<SqliteStorage>(std::move(*directory), HistoryLimits{.events = options.history},
                                               options.durability);
  if (auto started = store->start(std::move(*file)); !started) return fail_with(std::move(started).error());
  return std::unique_ptr<Storage>(std::move(store));
}

}  // namespace gatepost::storage
