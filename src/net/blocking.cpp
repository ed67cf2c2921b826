#include "net/blocking.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "net/event.h"

namespace gatepost::net {

namespace asio = boost::asio;

namespace {

constexpr int kThreads = 8;

struct Job {
  std::function<void()> work;
  std::weak_ptr<Event> done;  // owned by the waiting task, so that no thread ever destroys an event
};

// What the loop and its workers share; `open` ends with the loop.
struct Shared {
  std::mutex lock;
  std::deque<Job> jobs;
  int threads = 0;
  bool open = true;
};

void work_through(std::shared_ptr<Shared> shared, asio::any_io_executor executor) {
  std::unique_lock lock(shared->lock);
  while (shared->open && !shared->jobs.empty()) {
    Job job = std::move(shared->jobs.front());
    shared->jobs.pop_front();
    lock.unlock();
    job.work();
    job.work = nullptr;
    lock.lock();
    if (shared->open) {
      asio::post(executor, [weak = std::move(job.done)] {
        if (auto done = weak.lock()) done->fire();
      });
    }
  }
  --shared->threads;
}

class Workers : public asio::execution_context::service {
 public:
  using key_type = Workers;
  explicit Workers(asio::execution_context& context) : service(context), shared_(std::make_shared<Shared>()) {}

  std::shared_ptr<Event> start(std::function<void()> work, asio::any_io_executor executor) {
    auto done = std::make_shared<Event>();
    std::lock_guard lock(shared_->lock);
    shared_->jobs.push_back({std::move(work), done});
    if (shared_->threads < kThreads) {
      ++shared_->threads;
      std::thread(work_through, shared_, executor).detach();
    }
    return done;
  }

  static asio::execution_context::id id;

 private:
  void shutdown() override {
    std::lock_guard lock(shared_->lock);
    shared_->open = false;
    shared_->jobs.clear();
  }
  std::shared_ptr<Shared> shared_;
};

asio::execution_context::id Workers::id;

}  // namespace

Task<void> run_blocking(std::function<void()> work) {
  asio::any_io_executor executor = co_await asio::this_coro::executor;
  auto& context = asio::query(executor, asio::execution::context);
  auto done = asio::use_service<Workers>(context).start(std::move(work), executor);
  co_await done->wait();
}

}  // namespace gatepost::net
