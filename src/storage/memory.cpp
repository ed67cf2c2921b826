#include "storage/memory.h"

#include "storage/read_side.h"

namespace gatepost::storage {
namespace {

class MemoryStorage final : public Storage {
 public:
  explicit MemoryStorage(std::size_t history) : visible_({.events = history}) {}

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
    if (closed_) co_return closed();
    if (auto allowed = visible_.check_create(key); !allowed) co_return fail_with(std::move(allowed).error());
    const Revision revision = visible_.revision() + 1;
    co_return apply(EventType::added, std::move(key), revision, revision, encode);
  }

  net::Task<StoreResult<Object>> update(Key key, Revision expected, Encode encode) override {
    co_return change(EventType::modified, std::move(key), expected, encode);
  }

  net::Task<StoreResult<Object>> remove(Key key, Revision expected, Encode encode) override {
    co_return change(EventType::removed, std::move(key), expected, encode);
  }

  net::Task<void> close() override {
    closed_ = true;
    co_return;
  }

 private:
  static Failure<Error> closed() { return fail_with(Error{ErrorKind::unavailable, "the store is closed"}); }

  StoreResult<Object> change(EventType type, Key key, Revision expected, const Encode& encode) {
    if (closed_) return closed();
    if (auto allowed = visible_.check_change(key, expected); !allowed) return fail_with(std::move(allowed).error());
    const Revision created = visible_.find(key)->create_revision;
    return apply(type, std::move(key), visible_.revision() + 1, created, encode);
  }

  Object apply(EventType type, Key key, Revision revision, Revision created, const Encode& encode) {
    Change change{type, {std::move(key), share(encode(revision)), revision, created}};
    visible_.apply(change);
    return std::move(change.object);
  }

  ReadSide visible_;
  bool closed_ = false;
};

}  // namespace

std::unique_ptr<Storage> open_memory(std::size_t history) {
  return std::make_unique<MemoryStorage>(history);
}

}  // namespace gatepost::storage
