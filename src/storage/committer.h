// Group commit: one thread that commits what waits, all of it in one transaction with one sync, while the loop goes on.
// Writes are committed and given back in the order they came.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
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
  // What has been committed, or has failed, since the last call.
  std::vector<WritePtr> take_done();
  // After the last commit the file is closed and `done` called, on the thread that commits. No submit may follow.
  void finish(std::function<void()> done);

 private:
  void run();
  void commit(std::vector<WritePtr>& batch);

  std::unique_ptr<SqliteFile> file_;
  std::mutex lock_;
  std::condition_variable changed_;
  std::vector<WritePtr> waiting_, done_;
  std::function<void()> wake_, finished_;
  bool finish_ = false;
  std::thread thread_;
};

}  // namespace gatepost::storage
