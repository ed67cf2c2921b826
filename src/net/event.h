// Event: one task waits until another one (on the same loop) says so. fire() before wait() is remembered; after a wait
// the event can be used again. At most one task waits at a time.
#pragma once

#include <memory>

#include "net/task.h"

namespace gatepost::net {

class Event {
 public:
  Event();
  ~Event();
  Event(Event&&) noexcept;
  Event& operator=(Event&&) noexcept;

  Task<void> wait();
  // The waiter goes on in a later turn of the loop, never inside fire().
  void fire();

 private:
  struct Timer;
  std::unique_ptr<Timer> timer_;  // made by the first wait
  bool fired_ = false;
};

}  // namespace gatepost::net
