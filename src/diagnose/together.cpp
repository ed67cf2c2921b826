#include "diagnose/together.h"

#include <algorithm>
#include <memory>

#include "net/event.h"
#include "net/loop.h"

namespace gatepost::diagnose {
namespace {

struct Work {
  std::vector<net::Task<void>> tasks;
  std::size_t next = 0, workers = 0;
  net::Event ended;
};

net::Task<void> worker(std::shared_ptr<Work> work) {
  while (work->next < work->tasks.size()) co_await std::move(work->tasks[work->next++]);
  if (--work->workers == 0) work->ended.fire();
}

}  // namespace

net::Task<void> together(std::vector<net::Task<void>> tasks, std::size_t most) {
  if (tasks.empty()) co_return;
  auto work = std::make_shared<Work>();
  work->tasks = std::move(tasks);
  work->workers = std::min(std::max<std::size_t>(most, 1), work->tasks.size());
  for (std::size_t i = work->workers; i > 0; --i) co_await net::spawn(worker(work));
  co_await work->ended.wait();
}

}  // namespace gatepost::diagnose
