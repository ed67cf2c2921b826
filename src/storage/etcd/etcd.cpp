#include "storage/etcd/etcd.h"

#include "storage/etcd/follower.h"
#include "storage/etcd/stored_form.h"

namespace gatepost::storage {
namespace {

using namespace etcd;
using std::chrono::steady_clock;

// What changes has 34 s in all at the server.
constexpr std::chrono::seconds kWrite{34};
// How long a writer waits to see its change: the watch is on its way, or is opened anew.
constexpr std::chrono::seconds kSeen{10};

Failure<Error> unavailable(std::string why) {
  return fail_with(Error{ErrorKind::unavailable, std::move(why)});
}

class EtcdStorage final : public Storage {
 public:
  explicit EtcdStorage(std::shared_ptr<Follower> follower) : follower_(std::move(follower)) {}
  ~EtcdStorage() override { follower_->stop(); }

  Revision revision() const override { return visible().revision(); }
  std::optional<Object> get(const Key& key) const override { return visible().get(key); }
  Page list(std::string_view collection, const ListOptions& options) const override {
    return visible().list(collection, options);
  }
  std::size_t count(std::string_view collection) const override { return visible().count(collection); }
  StoreResult<std::unique_ptr<Watch>> watch(std::string collection, std::string ns, Revision from) override {
    return visible().watch(std::move(collection), std::move(ns), from);
  }
  Subscription on_change(std::string collection, std::function<void(const Event&)> listener) override {
    return visible().on_change(std::move(collection), std::move(listener));
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

  net::Task<StoreResult<void>> catch_up(net::SteadyTime deadline) override {
    if (follower_->stopped()) co_return unavailable("the store is closed");
    auto caught = co_await Follower::catch_up(follower_, deadline);
    if (!caught) co_return unavailable(std::move(caught.error().text));
    co_return StoreResult<void>{};
  }

  net::Task<void> close() override {
    follower_->stop();
    co_return;
  }

 private:
  ReadSide& visible() const { return follower_->visible(); }

  net::Task<StoreResult<Object>> write(EventType type, Key key, Revision expected, Encode encode) {
    auto follower = follower_;
    if (follower->stopped()) co_return unavailable("the store is closed");
    const std::string name = key_for(follower->prefix(), key);
    const bool removal = type == EventType::removed;
    // The revision is known when etcd has made the change, so it is put into what was printed.
    const std::string printed = encode(0);
    const Record* before = visible().find(key);
    const Revision created = before ? before->create_revision : 0;
    auto reply = co_await follower->gateway().call(
        "/v3/kv/txn", removal ? delete_if_request(name, expected) : put_if_request(name, printed, expected),
        steady_clock::now() + kWrite);
    if (!reply) co_return unavailable(std::move(reply.error().text));
    auto done = parse_txn_reply(reply->body);
    if (!done) co_return unavailable(std::move(done.error().text));
    const std::optional<KeyValue>& present = done->present;
    // An earlier try whose answer was lost may be what this one met.
    const bool ours =
        !done->succeeded && reply->repeated && (removal ? !present : present && present->value == printed);
    const Revision made = ours && present ? present->mod_revision : done->revision;
    (void)co_await follower->wait_for(present ? present->mod_revision : made, steady_clock::now() + kSeen);
    if (!done->succeeded && !ours) co_return refused(type, key, expected, present);
    auto served = with_revision(printed, made);
    if (!served) co_return unavailable(name + " was stored as no object: " + served.error().text);
    Object object{std::move(key), share(std::move(*served)), made, type == EventType::added ? made : created};
    co_return object;
  }

  StoreResult<Object> refused(EventType type, const Key& key, Revision expected,
                              const std::optional<KeyValue>& present) const {
    const std::string what = key.collection + " " + (key.ns.empty() ? "" : key.ns + "/") + key.name;
    if (!present) return fail_with(Error{ErrorKind::not_found, what + " does not exist"});
    auto current = object_of(follower_->prefix(), *present);
    if (type == EventType::added) return fail_with(Error{ErrorKind::exists, what + " exists", std::move(current)});
    return fail_with(
        Error{ErrorKind::conflict,
              what + " is at revision " + std::to_string(present->mod_revision) + ", not " + std::to_string(expected),
              std::move(current)});
  }

  std::shared_ptr<Follower> follower_;
};

}  // namespace

net::Task<Result<std::unique_ptr<Storage>>> open_etcd(EtcdOptions options) {
  std::string where;
  for (const std::string& endpoint : options.endpoints) where += (where.empty() ? "" : ",") + endpoint;
  auto follower = std::make_shared<Follower>(std::move(options.endpoints), std::move(options.prefix),
                                             HistoryLimits{.events = options.history});
  auto started = co_await Follower::start(follower);
  if (!started) co_return fail("etcd at " + where + ": " + started.error().text);
  co_return std::unique_ptr<Storage>(std::make_unique<EtcdStorage>(std::move(follower)));
}

}  // namespace gatepost::storage
