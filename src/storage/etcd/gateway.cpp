#include "storage/etcd/gateway.h"

#include <algorithm>

#include "net/loop.h"
#include "storage/etcd/messages.h"

namespace gatepost::storage::etcd {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kPatience{2500};  // etcd's client: 100 tries, 25 ms apart
constexpr milliseconds kBetweenTries{25};
constexpr milliseconds kOneTry{5000};  // an endpoint that has not answered by then is left for another
constexpr milliseconds kOnlyEndpoint{15000};
constexpr milliseconds kStreamOpens{5000};
constexpr std::size_t kMostCalls = 32;

net::http::Request post(std::string body) {
  net::http::Request request;
  request.method = "POST";
  request.headers.add("Content-Type", "application/json");
  request.body = std::move(body);
  return request;
}

// In the words of etcd's client.
std::string lost_text(const net::Error& error, net::http::Phase phase) {
  if (error.kind == net::ErrorKind::deadline_exceeded) return "context deadline exceeded";
  if (phase == net::http::Phase::dial) {
    return "rpc error: code = Unavailable desc = connection error: desc = \"transport: Error while dialing: " +
           error.text + "\"";
  }
  return "rpc error: code = Unavailable desc = error reading from server: " + error.text;
}

Refusal refusal_of(const net::http::Response& answer) {
  Refusal out{Refusal::Kind::refused, refusal_text(answer.body)};
  if (answer.status == 503) out.kind = Refusal::Kind::unavailable;
  if (out.text.find("required revision has been compacted") != std::string::npos) out.kind = Refusal::Kind::compacted;
  return out;
}

// A member that has no leader, or is shutting down: another one, or the same a moment later, may do it.
bool passing(const Refusal& refusal) {
  for (std::string_view word : {"no leader", "leader changed", "server stopped", "not capable"}) {
    if (refusal.text.find(word) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

Gateway::Gateway(std::vector<std::string> endpoints) : endpoints_(std::move(endpoints)) {
  net::http::ClientOptions options;
  options.max_idle_per_host = kMostCalls;
  options.follow_redirects = false;
  client_ = net::http::Client::make(std::move(options));
}

// Only if nobody else has moved on since.
void Gateway::next_endpoint(std::size_t failed) {
  if (at_ == failed) at_ = (at_ + 1) % endpoints_.size();
}

// One of the calls under way; the next one in the queue goes on when it ends.
struct Gateway::Slot {
  Gateway& of;
  ~Slot() {
    if (of.queue_.empty()) {
      --of.running_;
    } else {
      of.queue_.front()->fire();
      of.queue_.pop_front();
    }
  }
};

net::Task<Result<Reply, Refusal>> Gateway::call(std::string path, std::string body, net::SteadyTime deadline) {
  if (running_ < kMostCalls) {
    ++running_;
  } else {
    auto turn = std::make_shared<net::Event>();
    queue_.push_back(turn);
    co_await turn->wait();
  }
  const Slot slot{*this};
  co_return co_await call_in_turn(std::move(path), std::move(body), deadline);
}

net::Task<Result<Reply, Refusal>> Gateway::call_in_turn(std::string path, std::string body, net::SteadyTime deadline) {
  const auto give_up = std::min(deadline, steady_clock::now() + kPatience);
  Reply reply;
  for (std::size_t tries = 1;; ++tries) {
    const std::size_t at = at_;
    const auto limit = std::min(deadline, steady_clock::now() + (endpoints_.size() > 1 ? kOneTry : kOnlyEndpoint));
    net::http::CallTrace trace;
    auto answer = co_await client_->call("http://" + endpoints_[at] + path, post(body), limit, &trace);
    if (answer && answer->status == 200) {
      reply.body = std::move(answer->body);
      co_return reply;
    }
    Refusal refusal =
        answer ? refusal_of(*answer) : Refusal{Refusal::Kind::unavailable, lost_text(answer.error(), trace.phase)};
    if (answer && !passing(refusal)) co_return fail_with(std::move(refusal));
    if (!answer && trace.phase != net::http::Phase::dial) reply.repeated = true;
    next_endpoint(at);
    const auto now = steady_clock::now();
    // Every endpoint gets its try, however long the others took; one that is there but slow gets all the time there is.
    const bool slow = !answer && answer.error().kind == net::ErrorKind::deadline_exceeded;
    if (now >= deadline || (!slow && now >= give_up && tries >= endpoints_.size()))
      co_return fail_with(std::move(refusal));
    if (tries >= endpoints_.size()) co_await net::sleep_for(kBetweenTries);
  }
}

net::Task<Result<net::http::Client::Streaming, Refusal>> Gateway::open(std::string path, std::string body) {
  const std::size_t at = at_;
  net::http::CallTrace trace;
  auto opened = co_await client_->open("http://" + endpoints_[at] + path, post(std::move(body)),
                                       steady_clock::now() + kStreamOpens, &trace);
  if (opened && opened->head.status == 200) co_return std::move(*opened);
  next_endpoint(at);
  if (!opened) co_return fail_with(Refusal{Refusal::Kind::unavailable, lost_text(opened.error(), trace.phase)});
  co_return fail_with(
      Refusal{Refusal::Kind::unavailable, "etcd: the watch was answered with " + std::to_string(opened->head.status)});
}

}  // namespace gatepost::storage::etcd
