#include "base/klog.h"

#include <cstdio>
#include <ctime>
#include <unistd.h>

namespace gatepost::klog {

std::string format(Severity severity, WallTime time, int pid, std::string_view where, std::string_view message) {
  std::time_t seconds = std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(time));
  auto micro =
      std::chrono::duration_cast<std::chrono::microseconds>(time - std::chrono::floor<std::chrono::seconds>(time));
  std::tm parts{};
  localtime_r(&seconds, &parts);
  char head[64];
  int n = std::snprintf(head, sizeof head, "%c%02d%02d %02d:%02d:%02d.%06d %7d ", static_cast<char>(severity),
                        parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                        static_cast<int>(micro.count()), pid);
  std::string line(head, static_cast<std::size_t>(n));
  line.append(where).append("] ").append(message).push_back('\n');
  return line;
}

void write(Severity severity, std::string_view where, std::string_view message) {
  std::string line = format(severity, std::chrono::system_clock::now(), getpid(), where, message);
  // A log that cannot be written must not stop the server.
  [[maybe_unused]] ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace gatepost::klog
