// A disk for SQLite that forgets and fails: it knows which writes were not synced, and gives at a crash what a power
// loss may leave; it refuses to let files grow beyond a size, and syncs when told to.
#pragma once

#include <cstdint>
#include <cstring>
#include <fstream>
#include <limits>
#include <map>
#include <mutex>
#include <random>
#include <sqlite3.h>
#include <string>
#include <vector>

#include "storage/store_fixture.h"

namespace gatepost::storage::test {

class FaultyDisk {
 public:
  explicit FaultyDisk(const char* name) : name_(name) {
    real_ = sqlite3_vfs_find(nullptr);
    vfs_ = *real_;
    vfs_.iVersion = 1;
    vfs_.szOsFile = static_cast<int>(sizeof(File));
    vfs_.zName = name_.c_str();
    vfs_.pAppData = this;
    vfs_.xOpen = open;
    sqlite3_vfs_register(&vfs_, 0);
  }
  ~FaultyDisk() { sqlite3_vfs_unregister(&vfs_); }
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  const std::string& name() const { return name_; }
  void limit_files(std::int64_t bytes) {
    const std::lock_guard hold(lock_);
    limit_ = bytes;
  }
  void fail_syncs(bool fail) {
    const std::lock_guard hold(lock_);
    fail_syncs_ = fail;
  }
  // From now on nothing reaches the disk.
  void cut_power() {
    const std::lock_guard hold(lock_);
    dead_ = true;
  }
  // Leaves in the files what was synced, and each later write with a chance of `kept` in a hundred.
  void restore(unsigned seed, unsigned kept) {
    std::mt19937 random(seed);
    for (auto& [path, track] : files_) {
      std::string content = track.synced;
      for (const auto& [offset, bytes] : track.unsynced) {
        if (random() % 100 >= kept) continue;
        if (content.size() < offset + bytes.size()) content.resize(offset + bytes.size());
        std::memcpy(content.data() + offset, bytes.data(), bytes.size());
      }
      write_file(path, content);
    }
  }

 private:
  struct Track {
    std::string synced;
    std::vector<std::pair<std::size_t, std::string>> unsynced;
  };
  struct File {
    sqlite3_file base;
    FaultyDisk* disk;
    Track* track;  // null: a file without a name
    std::string* path;
    sqlite3_file* real;
  };

  static File& of(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }

  static int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* base, int flags, int* out) {
    auto& disk = *static_cast<FaultyDisk*>(vfs->pAppData);
    File& file = of(base);
    file.base.pMethods = nullptr;
    file.real = static_cast<sqlite3_file*>(std::calloc(1, static_cast<std::size_t>(disk.real_->szOsFile)));
    const int code = disk.real_->xOpen(disk.real_, path, file.real, flags, out);
    if (code != SQLITE_OK) {
      std::free(file.real);
      return code;
    }
    const std::lock_guard hold(disk.lock_);
    file.disk = &disk;
    file.path = new std::string(path ? path : "");
    file.track = nullptr;
    if (path) {
      const auto [at, fresh] = disk.files_.try_emplace(path);
      if (fresh) at->second.synced = read_file(path);
      file.track = &at->second;
    }
    file.base.pMethods = methods();
    return SQLITE_OK;
  }

  static const sqlite3_io_methods* methods() {
    static const sqlite3_io_methods table = {
        .iVersion = 1,
        .xClose =
            [](sqlite3_file* base) {
              File& file = of(base);
              const int code = file.real->pMethods->xClose(file.real);
              std::free(file.real);
              delete file.path;
              return code;
            },
        .xRead = [](sqlite3_file* base, void* into, int size,
                    sqlite3_int64 at) { return of(base).real->pMethods->xRead(of(base).real, into, size, at); },
        .xWrite =
            [](sqlite3_file* base, const void* from, int size, sqlite3_int64 at) {
              File& file = of(base);
              const std::lock_guard hold(file.disk->lock_);
              if (file.disk->dead_) return SQLITE_OK;
              if (at + size > file.disk->limit_) return SQLITE_FULL;
              if (file.track) {
                file.track->unsynced.emplace_back(
                    at, std::string(static_cast<const char*>(from), static_cast<std::size_t>(size)));
              }
              return file.real->pMethods->xWrite(file.real, from, size, at);
            },
        .xTruncate =
            [](sqlite3_file* base, sqlite3_int64 size) {
              File& file = of(base);
              const std::lock_guard hold(file.disk->lock_);
              return file.disk->dead_ ? SQLITE_OK : file.real->pMethods->xTruncate(file.real, size);
            },
        .xSync =
            [](sqlite3_file* base, int flags) {
              File& file = of(base);
              const std::lock_guard hold(file.disk->lock_);
              if (file.disk->dead_) return SQLITE_OK;
              if (file.disk->fail_syncs_) return SQLITE_IOERR_FSYNC;
              (void)flags;  // in memory only: the tests need the bookkeeping, not the disk
              if (file.track) {
                file.track->synced = read_file(*file.path);
                file.track->unsynced.clear();
              }
              return SQLITE_OK;
            },
        .xFileSize = [](sqlite3_file* base,
                        sqlite3_int64* size) { return of(base).real->pMethods->xFileSize(of(base).real, size); },
        .xLock = [](sqlite3_file* base, int level) { return of(base).real->pMethods->xLock(of(base).real, level); },
        .xUnlock = [](sqlite3_file* base, int level) { return of(base).real->pMethods->xUnlock(of(base).real, level); },
        .xCheckReservedLock = [](sqlite3_file* base,
                                 int* out) { return of(base).real->pMethods->xCheckReservedLock(of(base).real, out); },
        .xFileControl = [](sqlite3_file* base, int op,
                           void* arg) { return of(base).real->pMethods->xFileControl(of(base).real, op, arg); },
        .xSectorSize = [](sqlite3_file* base) { return of(base).real->pMethods->xSectorSize(of(base).real); },
        .xDeviceCharacteristics = [](sqlite3_file*) { return 0; },
    };
    return &table;
  }

  std::string name_;
  sqlite3_vfs* real_ = nullptr;
  sqlite3_vfs vfs_{};
  std::mutex lock_;
  std::map<std::string, Track> files_;
  std::int64_t limit_ = std::numeric_limits<std::int64_t>::max();
  bool dead_ = false, fail_syncs_ = false;
};

}  // namespace gatepost::storage::test
