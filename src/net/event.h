// Event: one task waits until another one (on the same loop) says so. fire() before wait() is remembered; after a wait
// the event can be used again. At most one task waits at a time. An event may outlive the loop; one that is destroyed
// wakes its waiter.
#pragma once

#include <memory>

#include "net/task.h"

namespace gatepost::net {

class Event {
 public:
  Event();
  ~Event();
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  Task<void> wait();
  // The waiter goes on in a later turn of the loop, never inside fire().
  void fire();

 private:
  struct State;
  static Task<void> wait_on(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace gatepost::net
