#include "envtest/parent.h"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <poll.h>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>

namespace gatepost::envtest {
namespace {

namespace fs = std::filesystem;

// The process has one parent: what is known of it is the process's, not an object's.
struct Watched {
  std::atomic<bool> gone = false;
  std::string directory;
};

Watched& watched() {
  static Watched of_this_process;
  return of_this_process;
}

// Linux 5.3 tells the end of any process through a descriptor; before that the parent's number is looked at.
void wait_for_end_of(pid_t parent) {
  const int descriptor = static_cast<int>(syscall(SYS_pidfd_open, parent, 0));
  if (descriptor >= 0) {
    pollfd waiting{descriptor, POLLIN, 0};
    while (getppid() == parent && poll(&waiting, 1, -1) < 0) {
    }
    close(descriptor);
    return;
  }
  while (getppid() == parent) std::this_thread::sleep_for(std::chrono::milliseconds(250));
}

bool made_by_envtest(const fs::path& directory) {
  std::error_code error;
  const fs::path parent = fs::weakly_canonical(directory.parent_path(), error);
  return !error && directory.filename().string().starts_with("k8s_test_framework_") &&
         parent == fs::weakly_canonical(fs::temp_directory_path(error), error);
}

}  // namespace

void end_with_parent(const std::string& only_of_parent) {
  watched().directory = only_of_parent;
  const pid_t parent = getppid();
  std::thread([parent] {
    wait_for_end_of(parent);
    watched().gone = true;
    kill(getpid(), SIGTERM);
  }).detach();
}

void tidy_up_after_parent() {
  if (!watched().gone || watched().directory.empty() || !made_by_envtest(watched().directory)) return;
  std::error_code ignored;
  fs::remove_all(watched().directory, ignored);
}

}  // namespace gatepost::envtest
