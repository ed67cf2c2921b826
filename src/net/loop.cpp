#include "net/loop.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>

namespace gatepost::net {

namespace asio = boost::asio;

namespace {

// A task nobody waits for must handle its errors itself: an exception that leaves it ends the loop's run().
void rethrow(std::exception_ptr error) {
  if (error) std::rethrow_exception(error);
}

}  // namespace

struct Loop::Context {
  asio::io_context io{1};
};

Loop::Loop() : context_(std::make_unique<Context>()) {}
Loop::~Loop() = default;

void Loop::run_to_end(Task<void> task) {
  bool done = false;
  std::exception_ptr error;
  asio::co_spawn(context_->io, std::move(task), [&](std::exception_ptr e) {
    done = true;
    error = e;
    context_->io.stop();
  });
  auto work = asio::make_work_guard(context_->io);
  context_->io.restart();
  // One run() for all handlers: the scheduler keeps the memory of coroutine frames and handlers from one to the next
  // for as long as its run lasts.
  while (!done) context_->io.run();
  rethrow(error);
}

void Loop::spawn(Task<void> task) {
  asio::co_spawn(context_->io, std::move(task), rethrow);
}

void Loop::post(std::function<void()> call) {
  asio::post(context_->io, std::move(call));
}

Task<void> sleep_until(SteadyTime time) {
  asio::steady_timer timer(co_await asio::this_coro::executor, time);
  co_await timer.async_wait(asio::use_awaitable);
}

Task<void> sleep_for(std::chrono::nanoseconds time) {
  return sleep_until(std::chrono::steady_clock::now() + time);
}

Task<void> yield() {
  co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
}

Task<void> spawn(Task<void> task) {
  asio::co_spawn(co_await asio::this_coro::executor, std::move(task), rethrow);
}

Task<int> wait_for_signal(std::initializer_list<int> signals) {
  asio::signal_set set(co_await asio::this_coro::executor);
  for (int signal : signals) set.add(signal);
  co_return co_await set.async_wait(asio::use_awaitable);
}

Task<std::function<void(std::function<void()>)>> poster() {
  asio::any_io_executor executor = co_await asio::this_coro::executor;
  co_return [executor](std::function<void()> call) { asio::post(executor, std::move(call)); };
}

}  // namespace gatepost::net
