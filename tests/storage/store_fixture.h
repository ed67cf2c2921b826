// What the storage tests share: a loop, a directory that goes away, and writes in one line.
#pragma once

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>

#include "net/loop.h"
#include "storage/storage.h"

namespace gatepost::storage::test {

class Directory {
 public:
  Directory() {
    std::string name = (std::filesystem::temp_directory_path() / "gatepost-store-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Directory() { std::filesystem::remove_all(path_); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  std::string data() const { return path_ + "/data"; }
  std::string file(const char* name) const { return data() + "/" + name; }

 private:
  std::string path_;
};

inline Encode text(std::string body) {
  return [body = std::move(body)](Revision revision) { return body + "@" + std::to_string(revision); };
}

inline Key config_map(std::string ns, std::string name) {
  return {"/configmaps", std::move(ns), std::move(name)};
}

inline std::string names(const Page& page) {
  std::string out;
  for (const Object& object : page.objects) {
    out += (out.empty() ? "" : " ") + object.key.ns + "/" + object.key.name + "=" + *object.bytes;
  }
  return out;
}

inline std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

}  // namespace gatepost::storage::test
