#include "net/event.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>

namespace gatepost::net {

namespace asio = boost::asio;

// The waiter waits on a timer that never expires and is cancelled to wake it: the waiting task then belongs to the
// loop, which destroys it when it ends. The timer lives as long as the wait.
struct Event::State {
  std::optional<asio::steady_timer> timer;
  bool fired = false;
};

Event::Event() : state_(std::make_shared<State>()) {}

Event::~Event() {
  if (state_->timer) state_->timer->cancel();
}

Task<void> Event::wait() {
  return wait_on(state_);
}

Task<void> Event::wait_on(std::shared_ptr<State> state) {
  if (!state->fired) {
    struct Forget {
      State& state;
      ~Forget() { state.timer.reset(); }
    } forget{*state};
    state->timer.emplace(co_await asio::this_coro::executor, SteadyTime::max());
    co_await state->timer->async_wait(asio::as_tuple(asio::use_awaitable));
  }
  state->fired = false;
}

void Event::fire() {
  state_->fired = true;
  if (state_->timer) state_->timer->cancel();
}

}  // namespace gatepost::net
