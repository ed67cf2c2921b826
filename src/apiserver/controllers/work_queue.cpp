#include "apiserver/controllers/work_queue.h"

#include <algorithm>
#include <deque>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "net/event.h"
#include "net/loop.h"

namespace gatepost::apiserver {

// Shared with the tasks: one that waits for its pause may outlive the queue.
struct WorkQueue::State {
  Work work;
  Options options;
  std::deque<std::string> ready;
  std::unordered_set<std::string> queued, under_way, again;
  std::unordered_map<std::string, int> failures;
  std::vector<std::pair<std::string, std::chrono::milliseconds>> later;  // that nobody waits for yet
  net::Event changed;
  bool stopping = false;

  void add(std::string key) {
    if (stopping) return;
    if (under_way.contains(key)) {
      again.insert(std::move(key));
      return;
    }
    if (!queued.insert(key).second) return;
    ready.push_back(std::move(key));
    changed.fire();
  }

  std::chrono::milliseconds pause_of(const std::string& key) {
    constexpr int most_doublings = 16;
    int failed = std::min(failures[key]++, most_doublings);
    return std::min(options.longest_pause, options.first_pause * (1 << failed));
  }
};

namespace {

template <class State>
net::Task<void> come_back(std::shared_ptr<State> state, std::string key, std::chrono::milliseconds pause) {
  co_await net::sleep_for(pause);
  state->add(std::move(key));
}

template <class State>
net::Task<void> work_on(std::shared_ptr<State> state, std::string key) {
  WorkQueue::Outcome outcome = co_await state->work(key);
  state->under_way.erase(key);
  if (outcome == WorkQueue::Outcome::done) {
    state->failures.erase(key);
    if (state->again.erase(key)) state->add(std::move(key));
  } else {
    state->again.erase(key);
    std::chrono::milliseconds pause = state->pause_of(key);
    if (!state->stopping) co_await net::spawn(come_back(state, std::move(key), pause));
  }
  state->changed.fire();
}

}  // namespace

WorkQueue::WorkQueue(Work work, Options options) : state_(std::make_shared<State>()) {
  state_->work = std::move(work);
  state_->options = options;
}

WorkQueue::~WorkQueue() {
  state_->stopping = true;
}

void WorkQueue::add(std::string key) {
  state_->add(std::move(key));
}

void WorkQueue::add_after(std::string key, std::chrono::milliseconds pause) {
  if (pause <= std::chrono::milliseconds(0)) return add(std::move(key));
  state_->later.emplace_back(std::move(key), pause);
  state_->changed.fire();
}

net::Task<void> WorkQueue::run() {
  std::shared_ptr<State> state = state_;
  for (;;) {
    auto later = std::exchange(state->later, {});
    for (auto& [key, pause] : later)
      if (!state->stopping) co_await net::spawn(come_back(state, std::move(key), pause));
    while (!state->stopping && !state->ready.empty() && state->under_way.size() < state->options.at_once) {
      std::string key = std::move(state->ready.front());
      state->ready.pop_front();
      state->queued.erase(key);
      state->under_way.insert(key);
      co_await net::spawn(work_on(state, std::move(key)));
    }
    if (state->stopping && state->under_way.empty()) co_return;
    co_await state->changed.wait();
  }
}

void WorkQueue::stop() {
  state_->stopping = true;
  state_->changed.fire();
}

bool WorkQueue::idle() const {
  return state_->ready.empty() && state_->under_way.empty();
}

}  // namespace gatepost::apiserver
