// The state in memory that follows an etcd: loaded at one revision, kept by a watch. Held by the store and by its own
// tasks, which end soon after stop().
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/etcd/gateway.h"
#include "storage/etcd/messages.h"
#include "storage/read_side.h"

namespace gatepost::storage::etcd {

class Follower {
 public:
  Follower(std::vector<std::string> endpoints, std::string prefix, HistoryLimits limits);
  ~Follower();

  // Loads everything and begins to follow.
  static net::Task<Result<void, Refusal>> start(std::shared_ptr<Follower> self);
  void stop();
  bool stopped() const { return stopped_; }

  Gateway& gateway() { return gateway_; }
  ReadSide& visible() { return visible_; }
  const std::string& prefix() const { return prefix_; }

  // Waits until the change of that revision is visible; false when `deadline` or stop() came first.
  net::Task<bool> wait_for(Revision revision, net::SteadyTime deadline);
  // Waits until whatever happened before the call is visible. Calls that come while one is under way share the next.
  static net::Task<Result<void, Refusal>> catch_up(std::shared_ptr<Follower> self, net::SteadyTime deadline);

 private:
  struct Waiter;
  struct Round;

  net::Task<Result<std::vector<Object>, Refusal>> load(Revision* at);
  static net::Task<void> follow(std::shared_ptr<Follower> self);
  static net::Task<void> keep(std::shared_ptr<Follower> self);
  static net::Task<void> run_rounds(std::shared_ptr<Follower> self);
  net::Task<Result<void, Refusal>> probe(net::SteadyTime deadline);
  net::Task<void> compact(Revision* before);
  net::Task<void> read_stream(std::shared_ptr<net::http::Client::Streaming> stream);
  // False when the stream must be opened anew.
  net::Task<bool> take(const WatchReply& reply);
  net::Task<void> load_difference();
  void apply(const WatchEvent& event);
  void wake();

  std::string end() const { return prefix_ + '0'; }  // '0' follows '/'

  Gateway gateway_;
  std::string prefix_;
  ReadSide visible_;
  Revision followed_ = 0;  // what lies behind this is asked for when the watch is opened anew
  std::shared_ptr<net::http::Client::Streaming> stream_;
  std::multimap<Revision, Waiter*> waiters_;
  std::shared_ptr<Round> next_;
  bool probing_ = false;
  bool stopped_ = false;
};

// The object under a key, as it is served; nullopt, and a line in the log, for what is none.
std::optional<Object> object_of(std::string_view prefix, const KeyValue& from);

}  // namespace gatepost::storage::etcd
