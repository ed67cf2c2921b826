// Group commit: what waits is committed in one transaction with one sync. Where a commit waits for the disk it is made
// on a thread of its own, so that the loop goes on; where it does not (relaxed durability) the loop makes it itself,
// which saves two changes of thread a write, and the thread only moves the log's pages to their place. Writes are
// committed and given back in the order they came.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "storage/sqlite_file.h"

namespace gatepost::storage {

class Committer {
 public:
  struct Write {
    Change change;
    Result<void> outcome{};
  };
  using WritePtr = std::shared_ptr<Write>;

  explicit Committer(std::unique_ptr<SqliteFile> file);
  ~Committer();  // commits what waits, closes the file

  // How to tell the loop that something is done; called on the thread that commits. Set while nothing is under way.
  void set_wake(std::function<void()> wake);
  void submit(WritePtr write);
  // Commits on the caller's thread. False, and nothing done, while the thread has the file or writes of its own.
  bool commit_here(std::span<const WritePtr> batch);
  // What submit() brought and has been committed, or has failed, since the last call.
  std::vector<WritePtr> take_done();
  // After the last commit the file is closed and `done` called, on the thread that commits. No submit may follow.
  void finish(std::function<void()> done);

 private:
  enum class Work { commit, move_log, end };
  void run();
  Work wait_for_work(std::unique_lock<std::mutex>& hold);
  void commit_waiting(std::unique_lock<std::mutex>& hold);
  void commit(std::span<const WritePtr> batch);

  std::unique_ptr<SqliteFile> file_;  // used by whoever has set busy_
  std::mutex lock_;
  std::condition_variable changed_;
  std::vector<WritePtr> waiting_, done_;
  std::function<void()> wake_, finished_;
  SqliteFile::Log log_ = SqliteFile::Log::small;
  std::uint64_t commits_ = 0;
  bool busy_ = false;
  bool finish_ = false;
  std::thread thread_;
};

}  // namespace gatepost::storage
