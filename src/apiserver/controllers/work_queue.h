// Keys that wait for work, each once, as the work queues of Kubernetes' controllers: a key that comes again while it is
// worked on is worked on again, one whose work failed comes back after a growing pause. Lives on the loop's thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "net/task.h"

namespace gatepost::apiserver {

class WorkQueue {
 public:
  enum class Outcome { done, retry };
  using Work = std::function<net::Task<Outcome>(std::string key)>;
  struct Options {
    std::size_t at_once = 8;
    std::chrono::milliseconds first_pause{50}, longest_pause{30000};
  };

  WorkQueue(Work work, Options options);
  ~WorkQueue();
  WorkQueue(const WorkQueue&) = delete;
  WorkQueue& operator=(const WorkQueue&) = delete;

  void add(std::string key);
  // Adds it when the time is up; at once without any.
  void add_after(std::string key, std::chrono::milliseconds pause);
  // Works until stop(), then ends with what is under way.
  net::Task<void> run();
  void stop();
  bool idle() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace gatepost::apiserver
