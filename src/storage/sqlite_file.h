// The store's file: one SQLite database in WAL mode that holds the present state of every object
// (docs/storage-format.md). It is read once, at open; after that it is only written. Used by one thread at a time.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"
#include "storage/read_side.h"

namespace gatepost::storage {

struct SqliteFileOptions {
  std::string path;
  Durability durability = Durability::full;
  std::string vfs;  // SQLite's name of the operating system's face; empty: the usual one
};

class SqliteFile {
 public:
  // Makes the file when it is missing or empty. What is there and not ours, broken or of a newer version is left alone;
  // the error is one line that names the file.
  static Result<std::unique_ptr<SqliteFile>> open(SqliteFileOptions options);
  virtual ~SqliteFile() = default;

  // Gives every object, oldest first, and returns the revision of the last change.
  virtual Result<Revision> load(const std::function<void(Object)>& visit) = 0;

  // Commits all changes or none, at the durability asked for.
  virtual Result<void> commit(std::span<const Change* const> changes) = 0;

  // How far the log has grown since its pages were last moved to their place.
  enum class Log { small, to_move_when_idle, to_move_now };
  virtual Log log() const = 0;
  // Moves the log's pages to their place; waits for the disk.
  virtual void move_log() = 0;

  // Moves all pages, syncs and closes.
  virtual void close() = 0;
};

}  // namespace gatepost::storage
