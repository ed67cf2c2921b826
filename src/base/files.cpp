#include "base/files.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace gatepost::files {
namespace {

Failure<Error> because(const std::string& path, int error) {
  return fail(path + ": " + std::strerror(error));
}

struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

}  // namespace

Result<std::string> read(const std::string& path, std::size_t limit) {
  Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.fd < 0) return because(path, errno);
  std::string out;
  char buffer[65536];
  for (;;) {
    ssize_t n = ::read(file.fd, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return because(path, errno);
    if (n == 0) return out;
    if (out.size() + static_cast<std::size_t>(n) > limit)
      return fail(path + ": larger than " + std::to_string(limit) + " bytes");
    out.append(buffer, static_cast<std::size_t>(n));
  }
}

Result<void> write_private(const std::string& path, std::string_view bytes) {
  std::string beside = path + ".new." + std::to_string(::getpid());
  {
    Descriptor file{::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
    if (file.fd < 0) return because(path, errno);
    while (!bytes.empty()) {
      ssize_t n = ::write(file.fd, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) {
        int error = errno;
        ::unlink(beside.c_str());
        return because(path, error);
      }
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    if (::fsync(file.fd) != 0) {
      int error = errno;
      ::unlink(beside.c_str());
      return because(path, error);
    }
  }
  if (::rename(beside.c_str(), path.c_str()) != 0) {
    int error = errno;
    ::unlink(beside.c_str());
    return because(path, error);
  }
  return {};
}

Result<void> make_directory(const std::string& path) {
  std::error_code error;
  if (std::filesystem::create_directories(path, error)) ::chmod(path.c_str(), 0700);
  if (error) return because(path, error.value());
  if (!std::filesystem::is_directory(path)) return fail(path + ": not a directory");
  return {};
}

}  // namespace gatepost::files
