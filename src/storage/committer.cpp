#include "storage/committer.h"

#include <algorithm>
#include <chrono>
#include <pthread.h>
#include <utility>

namespace gatepost::storage {
namespace {
constexpr std::size_t kMostWrites = 1024;        // in one transaction: bounds the wait of the first one
constexpr std::chrono::milliseconds kQuiet{20};  // without a commit: nobody will wait for the log to be moved
}  // namespace

using Log = SqliteFile::Log;

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

bool Committer::commit_here(std::span<const WritePtr> batch) {
  {
    const std::lock_guard hold(lock_);
    if (busy_ || !waiting_.empty() || !done_.empty()) return false;
    busy_ = true;
  }
  commit(batch);
  bool tell = false;
  {
    const std::lock_guard hold(lock_);
    busy_ = false;
    tell = log_ != file_->log();
    log_ = file_->log();
    ++commits_;
  }
  if (tell) changed_.notify_one();
  return true;
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

// The log is moved when nobody waits, or when it has become too long whoever waits.
Committer::Work Committer::wait_for_work(std::unique_lock<std::mutex>& hold) {
  const auto urgent = [this] { return !busy_ && (!waiting_.empty() || finish_ || log_ == Log::to_move_now); };
  for (;;) {
    changed_.wait(hold, [&] { return urgent() || log_ != Log::small; });
    if (!urgent()) {
      const std::uint64_t before = commits_;
      const bool quiet = !changed_.wait_for(hold, kQuiet, urgent) && !busy_ && commits_ == before;
      if (quiet) return Work::move_log;
      continue;
    }
    if (log_ == Log::to_move_now) return Work::move_log;
    return waiting_.empty() ? Work::end : Work::commit;
  }
}

void Committer::run() {
  std::unique_lock hold(lock_);
  for (;;) {
    const Work work = wait_for_work(hold);
    if (work == Work::end) break;
    busy_ = true;
    if (work == Work::commit) {
      commit_waiting(hold);
      log_ = file_->log();
    } else {
      hold.unlock();
      file_->move_log();
      hold.lock();
      log_ = Log::small;  // if it failed, the next commit says so again
    }
    busy_ = false;
  }
  hold.unlock();
  file_->close();
  if (finished_) finished_();
}

void Committer::commit_waiting(std::unique_lock<std::mutex>& hold) {
  std::vector<WritePtr> batch = std::exchange(waiting_, {});
  std::span<WritePtr> left(batch);
  while (!left.empty()) {
    const std::span part = left.first(std::min(left.size(), kMostWrites));
    left = left.subspan(part.size());
    hold.unlock();
    commit(part);
    hold.lock();
    // Under the lock: until the loop has taken these, it believes that something is under way and leaves wake_ alone.
    done_.insert(done_.end(), std::make_move_iterator(part.begin()), std::make_move_iterator(part.end()));
    ++commits_;
    wake_();
  }
}

void Committer::commit(std::span<const WritePtr> batch) {
  std::vector<const Change*> changes;
  changes.reserve(batch.size());
  for (const WritePtr& write : batch) changes.push_back(&write->change);
  const auto outcome = file_->commit(changes);
  if (outcome || batch.size() == 1) {
    for (const WritePtr& write : batch) write->outcome = outcome;
    return;
  }
  // One write too large for what is left of the disk must not fail its neighbours.
  for (std::size_t i = 0; i < batch.size(); ++i) batch[i]->outcome = file_->commit(std::span(&changes[i], 1));
}

}  // namespace gatepost::storage
