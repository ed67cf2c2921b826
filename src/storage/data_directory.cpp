#include "storage/data_directory.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "base/files.h"

namespace gatepost::storage {
namespace {

Failure<gatepost::Error> refuse(const std::string& path, const std::string& why) {
  return fail("data directory " + path + ": " + why);
}

std::string holder(int lock) {
  char text[32];
  const ssize_t size = ::pread(lock, text, sizeof text - 1, 0);
  if (size <= 0) return "another process";
  const std::string pid(text, std::strcspn(std::string(text, static_cast<std::size_t>(size)).c_str(), "\n"));
  return "another process (pid " + pid + ")";
}

}  // namespace

Result<DataDirectory> DataDirectory::claim(std::string path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) == 0) {
    if (!S_ISDIR(info.st_mode)) return refuse(path, "not a directory");
  } else if (errno != ENOENT) {
    return refuse(path, std::strerror(errno));
  } else if (auto made = files::make_directory(path); !made) {
    return fail("data directory " + made.error().text);
  }
  const std::string file = path + "/lock";
  DataDirectory directory(path, ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (directory.lock_ < 0) return refuse(path, std::string("cannot write there: ") + std::strerror(errno));
  if (::flock(directory.lock_, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return refuse(path, std::string("cannot lock it: ") + std::strerror(errno));
    return refuse(path, "in use by " + holder(directory.lock_));
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(directory.lock_, 0) != 0 ||
      ::pwrite(directory.lock_, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    return refuse(path, std::string("cannot write there: ") + std::strerror(errno));
  }
  return directory;
}

DataDirectory::DataDirectory(DataDirectory&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

DataDirectory::~DataDirectory() {
  if (lock_ >= 0) ::close(lock_);
}

}  // namespace gatepost::storage
