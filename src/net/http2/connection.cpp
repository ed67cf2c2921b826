#include "net/http2/connection.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>

#include "base/klog.h"

namespace gatepost::net::http2 {

namespace asio = boost::asio;
using std::chrono::steady_clock;

namespace {

constexpr std::size_t kReadBytes = 16u << 10;
constexpr std::chrono::milliseconds kLinger{500};  // so that closing does not overtake the last words
constexpr std::size_t kMostLinger = 256u << 10;
constexpr std::size_t kQueuedPerStream = 4;  // Go's server: so many requests begun and reset early, then it ends
constexpr std::chrono::hours kFar{1};
constexpr std::chrono::milliseconds kShortest{5};  // between two looks at what has not come yet

// As Go's server answers a header list beyond its limit.
constexpr std::string_view kHeadTooLarge = "<h1>HTTP Error 431</h1><p>Request Header Field(s) Too Large</p>";

Limits bounded(Limits limits, const http::ServerOptions& options) {
  limits.header_bytes = options.max_header_bytes;
  limits.body_bytes = options.max_body_bytes;
  return limits;
}

}  // namespace

struct Connection::Timer {
  explicit Timer(const asio::any_io_executor& executor) : timer(executor) {}
  asio::steady_timer timer;
  SteadyTime set_to{};
};

Connection::Connection(std::shared_ptr<http::ServerShared> shared, std::unique_ptr<ByteStream> stream, http::Peer peer,
                       Limits limits)
    : shared_(std::move(shared)),
      stream_(std::move(stream)),
      peer_(std::move(peer)),
      limits_(bounded(limits, shared_->options)),
      session_(limits_, {[this](StreamId id) {
                           if (auto at = exchanges_.find(id); at != exchanges_.end()) at->second->drained();
                         },
                         [this](StreamId id) {
                           if (auto gone = exchanges_.extract(id)) gone.mapped()->closed();
                           last_use_ = steady_clock::now();
                         }}) {}

Connection::~Connection() = default;

Task<void> Connection::run(std::shared_ptr<Connection> self) {
  auto executor = co_await asio::this_coro::executor;
  self->last_use_ = steady_clock::now();
  asio::co_spawn(executor, write_out(self), asio::detached);
  asio::co_spawn(executor, keep_time(self), asio::detached);
  co_await self->read_in();
  self->closing_ = self->lost_ = true;
  self->stream_->close();
  self->queued_.clear();
  for (auto& [id, exchange] : std::exchange(self->exchanges_, {})) exchange->closed();
  self->writable_.fire();
  co_await self->writer_ended_.wait();
  self->closed_ = true;
  if (self->timer_) self->timer_->timer.cancel();
}

void Connection::stop() {
  if (closed_) return;
  session_.end(Session::Why::stopping);
  auto open = exchanges_;  // stopping one may end it
  for (auto& [id, exchange] : open) exchange->stop();
  flush();
}

std::string_view Connection::date() {
  return shared_->date.at(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now()));
}

void Connection::flush() {
  if (!lost_) session_.pump();
  writable_.fire();
}

Task<void> Connection::read_in() {
  auto executor = co_await asio::this_coro::executor;
  std::string bytes(kReadBytes, '\0');
  bool first = true;
  for (std::size_t lingered = 0; lingered < kMostLinger;) {
    while (session_.output_full() && !closing_) {  // whoever does not read is not read either
      reader_waits_ = true;
      co_await written_.wait();
      reader_waits_ = false;
    }
    auto read = co_await stream_->read_some(bytes);
    if (!read || *read == 0) co_return;
    if (closing_) {
      lingered += *read;
      continue;
    }
    if (std::exchange(first, false)) stream_->set_deadline(std::nullopt);
    const SteadyTime now = steady_clock::now();
    if (!session_.feed({bytes.data(), *read}, now)) closing_ = true;
    start_calls(executor);
    if (session_.oldest_begun()) wake_timer_by(now + shared_->options.body_timeout);
    flush();
  }
}

void Connection::start_calls(const asio::any_io_executor& executor) {
  for (Call& call : session_.take_calls()) {
    if (!session_.has(call.stream)) continue;  // begun and reset at once
    auto exchange = std::make_shared<Exchange>(*this, std::move(call));
    exchanges_.emplace(exchange->stream(), exchange);
    if (running_ < limits_.streams) {
      ++running_;
      asio::co_spawn(executor, serve(shared_from_this(), std::move(exchange)), asio::detached);
    } else {
      queued_.push_back(std::move(exchange));
    }
  }
  if (queued_.size() > kQueuedPerStream * limits_.streams) {
    session_.end(Session::Why::calm_down);
    queued_.clear();
  }
}

Task<void> Connection::serve(std::shared_ptr<Connection> self, std::shared_ptr<Exchange> exchange) {
  while (exchange) {
    try {
      http::Request& request = exchange->request();
      if (exchange->verdict() == Call::Verdict::head_too_large) {
        (void)co_await exchange->send(431, {{"Content-Type", "text/html; charset=utf-8"}}, kHeadTooLarge);
      } else if (exchange->verdict() == Call::Verdict::body_too_large) {
        http::Response answer{413, {}, {}, "413 Request Entity Too Large"};
        if (self->shared_->options.too_large) answer = self->shared_->options.too_large();
        (void)co_await exchange->send(answer.status, std::move(answer.headers), answer.body);
      } else if (request.target == "*" && request.method == "OPTIONS") {  // a question to the server itself
        (void)co_await exchange->send(200, {}, {});
      } else {
        co_await self->shared_->handler(request, self->peer_, *exchange);
      }
    } catch (const std::exception& error) {  // a broken invariant ends this stream, not the server
      klog::write(klog::Severity::error, "connection.cpp:" + std::to_string(__LINE__),
                  "http2: panic serving " + self->peer_.address + ": " + error.what());
      if (!exchange->lost()) self->session_.reset(exchange->stream(), Session::Why::internal_error);
    }
    co_await exchange->finish();
    exchange.reset();
    while (!self->queued_.empty() && !exchange) {
      exchange = std::move(self->queued_.front());
      self->queued_.pop_front();
      if (exchange->lost()) exchange.reset();
    }
  }
  --self->running_;
}

Task<void> Connection::write_out(std::shared_ptr<Connection> self) {
  Session& session = self->session_;
  while (true) {
    if (!self->lost_) session.pump();
    std::string flying = std::exchange(session.output(), {});
    if (flying.empty()) {
      if (self->closing_ || session.finished()) break;
      co_await self->writable_.wait();
      continue;
    }
    self->write_began_ = steady_clock::now();
    self->wake_timer_by(*self->write_began_ + self->shared_->options.write_timeout);
    auto written = co_await self->stream_->write(flying);
    self->write_began_.reset();
    session.give_back_output(std::move(flying));
    if (self->reader_waits_) self->written_.fire();
    if (!written) {
      self->stream_->close();
      break;
    }
  }
  if (!self->closing_) {
    self->closing_ = true;
    if (self->reader_waits_) self->written_.fire();
  }
  if (!self->lost_) {
    self->stream_->end_write();
    self->stream_->set_deadline(steady_clock::now() + kLinger);
  }
  self->writer_ended_.fire();
}

void Connection::watch_stalled() {
  wake_timer_by(steady_clock::now() + shared_->options.write_timeout);
}

void Connection::wake_timer_by(SteadyTime time) {
  if (timer_ && time < timer_->set_to) timer_->timer.cancel();
}

Task<void> Connection::keep_time(std::shared_ptr<Connection> self) {
  Timer timer(co_await asio::this_coro::executor);
  self->timer_ = &timer;
  struct Forget {
    Connection& connection;
    ~Forget() { connection.timer_ = nullptr; }
  } forget{*self};
  while (!self->closed_) {
    timer.set_to = std::max(self->next_look(), steady_clock::now() + kShortest);
    timer.timer.expires_at(timer.set_to);
    co_await timer.timer.async_wait(asio::as_tuple(asio::use_awaitable));
    self->look(steady_clock::now());
  }
}

SteadyTime Connection::next_look() const {
  const http::ServerOptions& options = shared_->options;
  const bool idle = exchanges_.empty() && !closing_;
  SteadyTime next = (idle ? last_use_ : steady_clock::now() + kFar) + options.idle_timeout;
  if (auto begun = session_.oldest_begun()) next = std::min(next, *begun + options.body_timeout);
  if (write_began_) next = std::min(next, *write_began_ + options.write_timeout);
  for (const auto& [id, exchange] : exchanges_) {
    if (auto since = exchange->stalled_since()) next = std::min(next, *since + options.write_timeout);
  }
  return next;
}

void Connection::look(SteadyTime now) {
  if (lost_) return;
  const http::ServerOptions& options = shared_->options;
  if (write_began_ && now >= *write_began_ + options.write_timeout) {
    stream_->close();
    return;
  }
  session_.reset_begun_before(now - options.body_timeout);
  for (const auto& [id, exchange] : exchanges_) {
    auto since = exchange->stalled_since();
    if (since && now >= *since + options.write_timeout) session_.reset(id, Session::Why::canceled);
  }
  if (session_.streams() == 0 && now >= last_use_ + options.idle_timeout) session_.end(Session::Why::stopping);
  flush();
}

}  // namespace gatepost::net::http2
