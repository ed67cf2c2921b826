#include "storage/committer.h"

#include <algorithm>
#include <pthread.h>
#include <utility>

namespace gatepost::storage {
namespace {
constexpr std::size_t kMostWrites = 1024;  // in one transaction: bounds the wait of the first one
}  // namespace

Committer::Committer(std::unique_ptr<SqliteFile> file) : file_(std::move(file)), thread_([this] { run(); }) {
  ::pthread_setname_np(thread_.native_handle(), "store-commit");
}

Committer::~Committer() {
  finish({});
  thread_.join();
}

void Committer::set_wake(std::function<void()> wake) {
  const std::lock_guard hold(lock_);
  wake_ = std::move(wake);
}

void Committer::submit(WritePtr write) {
  bool idle = false;
  {
    const std::lock_guard hold(lock_);
    idle = waiting_.empty();
    waiting_.push_back(std::move(write));
  }
  if (idle) changed_.notify_one();
}

std::vector<Committer::WritePtr> Committer::take_done() {
  const std::lock_guard hold(lock_);
  return std::exchange(done_, {});
}

void Committer::finish(std::function<void()> done) {
  {
    const std::lock_guard hold(lock_);
    if (finish_) return;
    finish_ = true;
    finished_ = std::move(done);
  }
  changed_.notify_one();
}

void Committer::run() {
  std::unique_lock hold(lock_);
  for (;;) {
    if (waiting_.empty() && !finish_) {
      hold.unlock();
      file_->tidy();
      hold.lock();
      changed_.wait(hold, [this] { return !waiting_.empty() || finish_; });
    }
    if (waiting_.empty()) break;
    std::vector<WritePtr> batch = std::exchange(waiting_, {});
    hold.unlock();
    for (std::size_t from = 0; from < batch.size(); from += kMostWrites) {
      const std::size_t to = std::min(batch.size(), from + kMostWrites);
      std::vector<WritePtr> part(batch.begin() + static_cast<std::ptrdiff_t>(from),
                                 batch.begin() + static_cast<std::ptrdiff_t>(to));
      commit(part);
    }
    hold.lock();
  }
  hold.unlock();
  file_->close();
  if (finished_) finished_();
}

void Committer::commit(std::vector<WritePtr>& batch) {
  std::vector<const Change*> changes;
  changes.reserve(batch.size());
  for (const WritePtr& write : batch) changes.push_back(&write->change);
  const auto outcome = file_->commit(changes);
  if (outcome || batch.size() == 1) {
    for (const WritePtr& write : batch) write->outcome = outcome;
  } else {
    // One write too large for what is left of the disk must not fail its neighbours.
    for (std::size_t i = 0; i < batch.size(); ++i) batch[i]->outcome = file_->commit(std::span(&changes[i], 1));
  }
  // Under the lock: until the loop has taken these, it believes that something is under way and leaves wake_ alone.
  const std::lock_guard hold(lock_);
  done_.insert(done_.end(), std::make_move_iterator(batch.begin()), std::make_move_iterator(batch.end()));
  wake_();
}

}  // namespace gatepost::storage
