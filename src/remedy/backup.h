// What makes a repair undoable: a private file with the exact plan (and so the exact objects before it), written and
// synced before anything is touched, and a journal beside it with a line for each step that began and that ended.
//
//   <directory>/<plan id>.json      the backup, sealed with a checksum
//   <directory>/<plan id>.journal   lines of JSON, each synced before the program goes on
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "remedy/plan.h"

namespace gatepost::remedy {

enum class Mark {
  started,   // the step's write is about to be made
  done,      // it was made; `object` is what the server stored
  undone,    // it was taken back
  finished,  // the whole repair ended; `note` says how
};
std::string_view to_string(Mark mark);

struct Entry {
  Mark mark = Mark::started;
  std::string step, time, note;
  std::optional<json::Value> object;
};

class Journal {
 public:
  // The error names the path and the reason.
  static Result<Journal> open(std::string path);
  Result<void> write(Entry entry);
  // What was written through this value.
  const std::vector<Entry>& written() const { return written_; }

 private:
  std::string path_;
  std::vector<Entry> written_;
};

// A journal whose last line was cut short by a crash is read up to there.
std::vector<Entry> read_journal(std::string_view text);

struct Backup {
  std::string path;
  Plan plan;
  std::vector<Entry> journal;
  bool finished() const;  // its last run came to an end
};

// ~/.local/state/gatepost/backups, or what XDG_STATE_HOME says.
std::string default_directory();

// Writes the backup; the result is its path.
Result<std::string> write_backup(const std::string& directory, const Plan& plan);
Result<Backup> read_backup(const std::string& path);
// All of a directory, the oldest first; what cannot be read is told in `unreadable`.
std::vector<Backup> list_backups(const std::string& directory, std::vector<std::string>& unreadable);
std::string journal_path(const std::string& backup_path);

}  // namespace gatepost::remedy
