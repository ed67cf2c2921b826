#include "storage/etcd/follower.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <unordered_set>

#include "base/klog.h"
#include "net/loop.h"
#include "storage/etcd/stored_form.h"

namespace gatepost::storage::etcd {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr std::size_t kPage = 500;
constexpr std::size_t kLongestLine = 64u << 20;
constexpr milliseconds kLoading{30000};
constexpr milliseconds kShortestPause{50}, kLongestPause{1000};  // before the watch is opened anew
// A revision that the watch has not brought by then was made by a change outside our keys, or the watch is slow.
constexpr milliseconds kUsuallySeen{50};
// A watch that has not brought our own mark by then hangs.
constexpr milliseconds kWatchHangs{3000};
constexpr milliseconds kProbeEvery{5000};
constexpr int kProbesToCompaction = 60;  // kube-apiserver compacts what is older than five minutes

void log(klog::Severity severity, int line, const std::string& text) {
  klog::write(severity, "follower.cpp:" + std::to_string(line), "etcd: " + text);
}

Failure<Refusal> late() {
  return fail_with(Refusal{Refusal::Kind::unavailable, "context deadline exceeded"});
}

}  // namespace

std::optional<Object> object_of(std::string_view prefix, const KeyValue& from) {
  auto key = parse_key(prefix, from.key);
  if (!key) return std::nullopt;
  auto bytes = with_revision(from.value, from.mod_revision);
  if (!bytes) {
    log(klog::Severity::error, __LINE__, "the value of " + from.key + " is no object: " + bytes.error().text);
    return std::nullopt;
  }
  return Object{std::move(*key), share(std::move(*bytes)), from.mod_revision, from.create_revision};
}

struct Follower::Waiter {
  asio::steady_timer timer;
  bool reached = false;
};

struct Follower::Round {
  std::vector<asio::steady_timer*> waiting;  // owned by who waits
  net::SteadyTime deadline{};                // the latest of theirs
  Result<void, Refusal> outcome = late();
};

Follower::Follower(std::vector<std::string> endpoints, std::string prefix, HistoryLimits limits)
    : gateway_(std::move(endpoints)), prefix_(std::move(prefix)), visible_(limits) {}

Follower::~Follower() = default;

net::Task<Result<void, Refusal>> Follower::start(std::shared_ptr<Follower> self) {
  Revision at = 0;
  auto objects = co_await self->load(&at);
  if (!objects) co_return fail_with(std::move(objects.error()));
  for (Object& object : *objects) self->visible_.load(std::move(object));
  self->visible_.begin(at);
  self->followed_ = at;
  co_await net::spawn(follow(self));
  co_await net::spawn(keep(self));
  co_return Result<void, Refusal>{};
}

void Follower::stop() {
  stopped_ = true;
  if (stream_) stream_->close();
  wake();
}

// All objects as they were at one revision, in pages.
net::Task<Result<std::vector<Object>, Refusal>> Follower::load(Revision* at) {
  std::vector<Object> objects;
  RangeQuery query{prefix_ + '/', end(), kPage, 0};
  const auto deadline = steady_clock::now() + kLoading;
  while (true) {
    auto reply = co_await gateway_.call("/v3/kv/range", range_request(query), deadline);
    if (!reply) co_return fail_with(std::move(reply.error()));
    auto page = parse_range_reply(reply->body);
    if (!page) co_return fail_with(Refusal{Refusal::Kind::refused, std::move(page.error().text)});
    if (query.revision == 0) query.revision = page->revision;
    for (const KeyValue& one : page->found) {
      if (auto object = object_of(prefix_, one)) objects.push_back(std::move(*object));
    }
    if (!page->more || page->found.empty()) break;
    query.key = page->found.back().key + '\0';
  }
  *at = query.revision;
  co_return objects;
}

net::Task<void> Follower::follow(std::shared_ptr<Follower> self) {
  auto pause = kShortestPause;
  bool lost = false;  // said once an outage
  while (!self->stopped_) {
    auto opened =
        co_await self->gateway_.open("/v3/watch", watch_request(self->prefix_ + '/', self->end(), self->followed_ + 1));
    if (self->stopped_) break;
    if (opened) {
      pause = kShortestPause;
      if (std::exchange(lost, false)) log(klog::Severity::info, __LINE__, "the watch is back");
      self->stream_ = std::make_shared<net::http::Client::Streaming>(std::move(*opened));
      co_await self->read_stream(self->stream_);
      self->stream_.reset();
    } else if (!std::exchange(lost, true)) {
      log(klog::Severity::warning, __LINE__, "cannot watch: " + opened.error().text);
    }
    if (self->stopped_) break;
    co_await net::sleep_for(pause);
    pause = std::min(pause * 2, kLongestPause);
  }
}

net::Task<void> Follower::read_stream(std::shared_ptr<net::http::Client::Streaming> stream) {
  std::string held;
  std::size_t seen = 0;  // of `held`, without a line's end
  while (!stopped_) {
    auto piece = co_await stream->read();
    if (stopped_) co_return;
    if (!piece || piece->empty()) {
      log(klog::Severity::warning, __LINE__, "the watch ended" + (piece ? "" : ": " + piece.error().text));
      co_return;
    }
    held += *piece;
    std::size_t begin = 0;
    for (std::size_t at; (at = held.find('\n', seen)) != std::string::npos; begin = seen = at + 1) {
      auto reply = parse_watch_reply(std::string_view(held).substr(begin, at - begin));
      if (!reply) log(klog::Severity::warning, __LINE__, "the watch ended: " + reply.error().text);
      const bool goes_on = reply && co_await take(*reply);
      wake();
      if (!goes_on) {
        stream->close();
        co_return;
      }
    }
    held.erase(0, begin);
    seen = held.size();
    if (held.size() > kLongestLine) {
      log(klog::Severity::error, __LINE__, "an answer longer than " + std::to_string(kLongestLine) + " bytes");
      stream->close();
      co_return;
    }
  }
}

net::Task<bool> Follower::take(const WatchReply& reply) {
  if (reply.canceled) {
    if (reply.compacted > 0) {
      co_await load_difference();
    } else {
      log(klog::Severity::warning, __LINE__, "the watch was canceled: " + reply.reason);
    }
    co_return false;
  }
  for (const WatchEvent& event : reply.events) {
    if (event.now.mod_revision > followed_) apply(event);
  }
  // The changes of one revision may come in pieces; and what "created" says is of the store, not of the watch.
  if (reply.progress()) {
    visible_.advance(reply.revision);
    followed_ = std::max(followed_, reply.revision);
  } else if (!reply.events.empty() && !reply.fragment) {
    followed_ = std::max(followed_, reply.events.back().now.mod_revision);
  }
  co_return true;
}

void Follower::apply(const WatchEvent& event) {
  const KeyValue& now = event.now;
  if (!event.deleted) {
    if (auto object = object_of(prefix_, now)) {
      const bool fresh = !visible_.find(object->key);
      visible_.apply({fresh ? EventType::added : EventType::modified, std::move(*object)});
    }
  } else if (auto key = parse_key(prefix_, now.key)) {
    if (auto last = visible_.get(*key)) {
      if (auto bytes = with_revision(*last->bytes, now.mod_revision)) last->bytes = share(std::move(*bytes));
      last->revision = now.mod_revision;
      visible_.apply({EventType::removed, std::move(*last)});
    }
  }
  visible_.advance(now.mod_revision);
}

// What changed since, where etcd no longer has its history: the last state of each object, once.
net::Task<void> Follower::load_difference() {
  log(klog::Severity::warning, __LINE__,
      "the changes behind revision " + std::to_string(followed_) + " were compacted; reading everything anew");
  Revision at = 0;
  auto objects = co_await load(&at);
  if (!objects) {
    log(klog::Severity::warning, __LINE__, objects.error().text);
    co_return;
  }
  std::unordered_set<std::string> there;
  std::vector<Change> changes;
  for (Object& object : *objects) {
    there.insert(key_for(prefix_, object.key));
    const Record* before = visible_.find(object.key);
    if (before && before->revision == object.revision) continue;
    changes.push_back({before ? EventType::modified : EventType::added, std::move(object)});
  }
  visible_.each([&](const Object& object) {
    if (there.contains(key_for(prefix_, object.key))) return;
    Object last = object;
    if (auto bytes = with_revision(*last.bytes, at)) last.bytes = share(std::move(*bytes));
    last.revision = at;
    changes.push_back({EventType::removed, std::move(last)});
  });
  std::stable_sort(changes.begin(), changes.end(),
                   [](const Change& a, const Change& b) { return a.object.revision < b.object.revision; });
  for (const Change& change : changes) visible_.apply(change);
  visible_.advance(at);
  followed_ = at;
}

void Follower::wake() {
  const Revision now = visible_.revision();
  while (!waiters_.empty() && (stopped_ || waiters_.begin()->first <= now)) {
    Waiter* waiter = waiters_.begin()->second;
    waiter->reached = !stopped_;
    waiter->timer.cancel();
    waiters_.erase(waiters_.begin());
  }
}

net::Task<bool> Follower::wait_for(Revision revision, net::SteadyTime deadline) {
  if (visible_.revision() >= revision) co_return true;
  if (stopped_) co_return false;
  Waiter waiter{asio::steady_timer(co_await asio::this_coro::executor, deadline)};
  const auto place = waiters_.emplace(revision, &waiter);
  struct Leave {  // also when the loop destroys the task
    std::multimap<Revision, Waiter*>* from;
    std::multimap<Revision, Waiter*>::iterator place;
    Waiter* waiter;
    bool taken_out = false;
    ~Leave() {
      if (!taken_out) from->erase(place);
    }
  } leave{&waiters_, place, &waiter};
  co_await waiter.timer.async_wait(asio::as_tuple(asio::use_awaitable));
  leave.taken_out = waiter.reached || stopped_;
  co_return waiter.reached;
}

net::Task<Result<void, Refusal>> Follower::catch_up(std::shared_ptr<Follower> self, net::SteadyTime deadline) {
  if (!self->next_) self->next_ = std::make_shared<Round>();
  auto round = self->next_;
  round->deadline = std::max(round->deadline, deadline);
  asio::steady_timer turn(co_await asio::this_coro::executor, deadline);
  round->waiting.push_back(&turn);
  struct Leave {
    Round& round;
    asio::steady_timer* turn;
    ~Leave() { std::erase(round.waiting, turn); }
  } leave{*round, &turn};
  if (!std::exchange(self->probing_, true)) co_await net::spawn(run_rounds(self));
  co_await turn.async_wait(asio::as_tuple(asio::use_awaitable));
  co_return round->outcome;
}

net::Task<void> Follower::run_rounds(std::shared_ptr<Follower> self) {
  while (auto round = std::exchange(self->next_, nullptr)) {
    round->outcome = co_await self->probe(round->deadline);
    for (asio::steady_timer* turn : round->waiting) turn->expires_at(net::SteadyTime::min());
  }
  self->probing_ = false;
}

net::Task<Result<void, Refusal>> Follower::probe(net::SteadyTime deadline) {
  const std::string mark = prefix_ + "/.mark";  // no object's key
  auto reply = co_await gateway_.call("/v3/kv/range", range_request({mark, "", 1, 0}), deadline);
  if (!reply) co_return fail_with(std::move(reply.error()));
  auto newest = parse_range_reply(reply->body);
  if (!newest) co_return fail_with(Refusal{Refusal::Kind::refused, std::move(newest.error().text)});
  auto soon = std::min(deadline, steady_clock::now() + kUsuallySeen);
  if (co_await wait_for(newest->revision, soon)) co_return Result<void, Refusal>{};
  // Somebody else's key has that revision, or the watch lags: a mark of our own comes behind everything.
  auto put = co_await gateway_.call("/v3/kv/put", put_request(mark, ""), deadline);
  if (!put) co_return fail_with(std::move(put.error()));
  auto marked = parse_put_reply(put->body);
  if (!marked) co_return fail_with(Refusal{Refusal::Kind::refused, std::move(marked.error().text)});
  while (!stopped_) {
    soon = std::min(deadline, steady_clock::now() + kWatchHangs);
    if (co_await wait_for(*marked, soon)) co_return Result<void, Refusal>{};
    if (stream_) stream_->close();  // it hangs; another one is opened
    if (steady_clock::now() >= deadline) break;
  }
  co_return late();
}

// Sees that the watch lives while nobody asks, and lets etcd drop old history.
net::Task<void> Follower::keep(std::shared_ptr<Follower> self) {
  Revision old = 0;
  for (int probes = 1;; ++probes) {
    co_await net::sleep_for(kProbeEvery);
    if (self->stopped_) co_return;
    (void)co_await catch_up(self, steady_clock::now() + kProbeEvery * 2);
    if (probes % kProbesToCompaction == 0 && !self->stopped_) co_await self->compact(&old);
  }
}

net::Task<void> Follower::compact(Revision* before) {
  const Revision now = visible_.revision();
  const Revision old = std::exchange(*before, now);
  if (old == 0) co_return;
  // Refused where another server was faster.
  (void)co_await gateway_.call("/v3/kv/compaction", compaction_request(old), steady_clock::now() + kProbeEvery);
}

}  // namespace gatepost::storage::etcd
