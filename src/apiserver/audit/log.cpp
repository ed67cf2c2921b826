#include "apiserver/audit/log.h"

#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <fcntl.h>
#include <mutex>
#include <thread>
#include <unistd.h>

#include "base/klog.h"

namespace gatepost::apiserver::audit {
namespace {

class FileLog final : public Log {
 public:
  FileLog(int file, Options options) : file_(file), options_(std::move(options)), thread_([this] { work(); }) {}

  ~FileLog() override {
    {
      std::lock_guard lock(mutex_);
      ending_ = true;
    }
    wake_.notify_one();
    thread_.join();
    if (file_ != STDOUT_FILENO) ::close(file_);
  }

  void write(std::string line) override {
    bool first;
    {
      std::lock_guard lock(mutex_);
      if (pending_.size() + line.size() > options_.most_pending) {
        ++dropped_;
        return;
      }
      first = pending_.empty();
      pending_ += line;
    }
    if (first) wake_.notify_one();
  }

 private:
  void work() {
    std::string batch;
    for (;;) {
      std::size_t dropped = 0;
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return ending_ || !pending_.empty(); });
        if (pending_.empty()) return;
        batch.clear();
        batch.swap(pending_);
        std::swap(dropped, dropped_);
      }
      put(batch);
      if (dropped > 0)
        klog::write(klog::Severity::error, "audit.go:1",
                    std::to_string(dropped) + " audit events dropped: " + options_.path + " is too slow");
    }
  }

  void put(std::string_view bytes) {
    while (!bytes.empty()) {
      ssize_t written = ::write(file_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) {
        // Told once for a run of failures: a full disk must not fill the other log too.
        if (!failing_)
          klog::write(klog::Severity::error, "audit.go:1",
                      "audit log " + options_.path + ": " + std::strerror(errno) + "; events are lost");
        failing_ = true;
        return;
      }
      failing_ = false;
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  const int file_;
  const Options options_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::string pending_;
  std::size_t dropped_ = 0;
  bool ending_ = false;
  bool failing_ = false;  // the writing thread's own
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<Log>> Log::open(Options options) {
  int file = STDOUT_FILENO;
  if (options.path != "-") {
    file = ::open(options.path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) return fail("audit log " + options.path + ": " + std::strerror(errno));
  }
  return std::make_unique<FileLog>(file, std::move(options));
}

}  // namespace gatepost::apiserver::audit
