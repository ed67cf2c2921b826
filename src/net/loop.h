// The event loop: one thread, which is the one that calls run(). Tasks, sockets and timers live on it and must be gone
// before it is destroyed; tasks still waiting are destroyed with it.
#pragma once

#include <chrono>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "net/task.h"

namespace gatepost::net {

class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Runs until `task` has ended and gives its result; tasks spawned meanwhile go on at the next run(). An exception of
  // the task leaves here.
  template <class T>
  T run(Task<T> task) {
    if constexpr (std::is_void_v<T>) {
      run_to_end(std::move(task));
    } else {
      std::optional<T> result;
      run_to_end(store(std::move(task), &result));
      return std::move(*result);
    }
  }

  // Starts a task that nobody waits for.
  void spawn(Task<void> task);

  // Runs `call` on the loop's thread. The one function that other threads may use.
  void post(std::function<void()> call);

 private:
  template <class T>
  static Task<void> store(Task<T> task, std::optional<T>* into) {
    into->emplace(co_await std::move(task));
  }
  void run_to_end(Task<void> task);

  struct Context;
  std::unique_ptr<Context> context_;
};

// The following are for tasks: they use the loop they run on.

Task<void> sleep_until(SteadyTime time);
Task<void> sleep_for(std::chrono::nanoseconds time);
// Lets other tasks run first.
Task<void> yield();
// Starts a task beside the present one.
Task<void> spawn(Task<void> task);
// Waits for one of the signals and gives its number.
Task<int> wait_for_signal(std::initializer_list<int> signals);
// How to reach this loop from another thread: the function given back may be called from anywhere, while the loop
// lives.
Task<std::function<void(std::function<void()>)>> poster();

}  // namespace gatepost::net
