#include "net/event.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace gatepost::net {

namespace asio = boost::asio;

// A timer that never expires and is cancelled to wake its waiter: the waiting task then belongs to the loop, which
// destroys it when it ends.
struct Event::Timer {
  asio::steady_timer timer;
};

Event::Event() = default;
Event::~Event() = default;
Event::Event(Event&&) noexcept = default;
Event& Event::operator=(Event&&) noexcept = default;

Task<void> Event::wait() {
  if (!fired_) {
    if (!timer_) {
      timer_ =
          std::make_unique<Timer>(Timer{asio::steady_timer(co_await asio::this_coro::executor, SteadyTime::max())});
    }
    co_await timer_->timer.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  fired_ = false;
}

void Event::fire() {
  fired_ = true;
  if (timer_) timer_->timer.cancel();
}

}  // namespace gatepost::net
