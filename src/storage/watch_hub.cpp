#include "storage/watch_hub.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "storage/key_index.h"

namespace gatepost::storage {
namespace asio = boost::asio;

namespace {

struct HistoryEntry {
  EventType type;
  Bytes bytes, previous;
  Revision revision, create_revision;
  std::string key;  // composed
};

}  // namespace

struct WatchHub::Channel {
  std::string collection;
  std::deque<HistoryEntry> entries;
  std::uint64_t first = 0;  // the number of entries.front(), counted from the first ever
  Revision lost = 0;        // the newest change that is no longer here
  std::vector<Subscriber*> subscribers;

  std::uint64_t end() const { return first + entries.size(); }
};

// Shared by the watch and its waiting coroutine, so that either may go first.
struct WatchHub::Subscriber {
  Channel* channel = nullptr;  // null once the hub is gone or the watch was cancelled
  WatchHub* hub = nullptr;
  std::string ns;
  std::uint64_t cursor = 0;
  Revision delivered = 0;
  bool sleeping = false;
  std::optional<asio::steady_timer> timer{};

  bool wants(const HistoryEntry& entry) const { return ns.empty() || namespace_of(entry.key) == ns; }
  bool behind() const { return cursor < channel->first; }
  // Moves the cursor to the next entry that is wanted; null when there is none.
  const HistoryEntry* seek() {
    for (; cursor < channel->end(); ++cursor) {
      const HistoryEntry& entry = channel->entries[cursor - channel->first];
      if (wants(entry)) return &entry;
    }
    return nullptr;
  }
  void wake() {
    if (!std::exchange(sleeping, false)) return;
    timer->cancel();
  }
  void leave() {
    if (!channel) return;
    std::erase(channel->subscribers, this);
    delivered = std::max(delivered, behind() || seek() ? delivered : hub->revision_);
    channel = nullptr;
    hub = nullptr;
    wake();
  }
};

namespace {

using Next = StoreResult<std::optional<Event>>;

net::Task<Next> next_event(std::shared_ptr<WatchHub::Subscriber> self, net::SteadyTime deadline, bool* timed_out) {
  for (;;) {
    if (!self->channel) co_return std::nullopt;
    if (self->behind()) {
      self->leave();
      co_return fail_with(Error{ErrorKind::expired, "the watch fell behind the history that is kept"});
    }
    if (const HistoryEntry* entry = self->seek()) {
      Event event{entry->type,
                  {{self->channel->collection, std::string(namespace_of(entry->key)), std::string(name_of(entry->key))},
                   entry->bytes,
                   entry->revision,
                   entry->create_revision},
                  entry->previous};
      ++self->cursor;
      self->delivered = entry->revision;
      co_return event;
    }
    if (deadline <= std::chrono::steady_clock::now()) {
      if (timed_out) *timed_out = true;
      co_return std::nullopt;
    }
    if (!self->timer) self->timer.emplace(co_await asio::this_coro::executor);
    self->timer->expires_at(deadline);
    self->sleeping = true;
    co_await self->timer->async_wait(asio::as_tuple(asio::use_awaitable));
    self->sleeping = false;
  }
}

class HubWatch final : public Watch {
 public:
  explicit HubWatch(std::shared_ptr<WatchHub::Subscriber> subscriber) : subscriber_(std::move(subscriber)) {}
  ~HubWatch() override { subscriber_->leave(); }

  net::Task<Next> next() override { return next_event(subscriber_, net::SteadyTime::max(), nullptr); }
  net::Task<Next> next_until(net::SteadyTime deadline, bool* timed_out) override {
    if (timed_out) *timed_out = false;
    return next_event(subscriber_, deadline, timed_out);
  }
  Revision revision() const override {
    WatchHub::Subscriber& self = *subscriber_;
    if (!self.channel || self.behind() || self.seek()) return self.delivered;
    return std::max(self.delivered, self.hub->revision());
  }
  void cancel() override { subscriber_->leave(); }

 private:
  std::shared_ptr<WatchHub::Subscriber> subscriber_;
};

}  // namespace

WatchHub::WatchHub(HistoryLimits limits) : limits_(limits) {}

WatchHub::~WatchHub() {
  for (auto& [name, channel] : channels_) {
    while (!channel->subscribers.empty()) channel->subscribers.back()->leave();
  }
}

WatchHub::Channel& WatchHub::channel(const std::string& collection) {
  auto& slot = channels_[collection];
  if (!slot) {
    slot = std::make_unique<Channel>();
    slot->collection = collection;
    slot->lost = floor_;
  }
  return *slot;
}

void WatchHub::publish(const Event& event) {
  Channel& to = channel(event.object.key.collection);
  revision_ = event.object.revision;
  to.entries.push_back({event.type, event.object.bytes, event.previous, event.object.revision,
                        event.object.create_revision, compose_key(event.object.key.ns, event.object.key.name)});
  order_.push_back(&to);
  if (event.previous) bytes_ += event.previous->size();
  for (Subscriber* subscriber : to.subscribers) {
    if (subscriber->sleeping && subscriber->wants(to.entries.back())) subscriber->wake();
  }
  evict();
}

void WatchHub::evict() {
  while (order_.size() > limits_.events || (bytes_ > limits_.bytes && order_.size() > 1)) {
    Channel& oldest = *order_.front();
    order_.pop_front();
    const HistoryEntry& entry = oldest.entries.front();
    oldest.lost = entry.revision;
    if (entry.previous) bytes_ -= entry.previous->size();
    oldest.entries.pop_front();
    ++oldest.first;
  }
}

StoreResult<std::unique_ptr<Watch>> WatchHub::watch(std::string collection, std::string ns, Revision from) {
  Channel& in = channel(collection);
  if (from < in.lost) {
    return fail_with(Error{ErrorKind::expired,
                           "too old resource version: " + std::to_string(from) + " (" + std::to_string(in.lost) + ")"});
  }
  auto subscriber = std::make_shared<Subscriber>();
  const auto begin =
      std::upper_bound(in.entries.begin(), in.entries.end(), from,
                       [](Revision wanted, const HistoryEntry& entry) { return wanted < entry.revision; });
  subscriber->cursor = in.first + static_cast<std::uint64_t>(begin - in.entries.begin());
  subscriber->channel = &in;
  subscriber->hub = this;
  subscriber->ns = std::move(ns);
  subscriber->delivered = from;
  in.subscribers.push_back(subscriber.get());
  return std::unique_ptr<Watch>(std::make_unique<HubWatch>(std::move(subscriber)));
}

}  // namespace gatepost::storage
