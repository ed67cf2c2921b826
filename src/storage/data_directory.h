// The directory a store lives in: made private, and held by one process at a time.
#pragma once

#include <string>

#include "base/result.h"

namespace gatepost::storage {

// Held until destroyed. The lock is the kernel's (flock on the file `lock`), so it ends with the process however that
// ends; the file says who holds it.
class DataDirectory {
 public:
  static Result<DataDirectory> claim(std::string path);
  DataDirectory(DataDirectory&& other) noexcept;
  DataDirectory& operator=(DataDirectory&&) = delete;
  ~DataDirectory();

  const std::string& path() const { return path_; }
  std::string file(const char* name) const { return path_ + "/" + name; }

 private:
  DataDirectory(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}
  std::string path_;
  int lock_;
};

}  // namespace gatepost::storage
