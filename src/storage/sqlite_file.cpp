#include "storage/sqlite_file.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace gatepost::storage {
namespace {

constexpr std::uint32_t kApplicationId = 0x47505354;  // "GPST", in SQLite's header
constexpr std::uint32_t kFormatVersion = 1;           // user_version in SQLite's header
constexpr int kTidyPages = 1000;                      // 4 MiB: the log is moved when nobody waits
constexpr int kMostPages = 16000;                     // 64 MiB: the log is moved although somebody waits

constexpr const char* kSchema =
    "CREATE TABLE object (created INTEGER PRIMARY KEY, revision INTEGER NOT NULL, collection TEXT NOT NULL,"
    " ns TEXT NOT NULL, name TEXT NOT NULL, bytes BLOB NOT NULL) STRICT;"
    "CREATE TABLE state (id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER NOT NULL) STRICT;"
    "INSERT INTO state VALUES (1, 0);";

Failure<gatepost::Error> system_error(const std::string& path) {
  return fail(path + ": " + std::strerror(errno));
}

std::uint32_t big_endian(const unsigned char* at) {
  return std::uint32_t{at[0]} << 24 | std::uint32_t{at[1]} << 16 | std::uint32_t{at[2]} << 8 | at[3];
}

enum class FileState { missing, ours };

// Looks at the header without SQLite, which would touch the file.
Result<FileState> inspect(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0) {
    if (errno == ENOENT) return FileState::missing;
    return system_error(path);
  }
  std::array<unsigned char, 100> header{};
  const ssize_t size = ::pread(file, header.data(), header.size(), 0);
  const int error = errno;
  ::close(file);
  if (size < 0) {
    errno = error;
    return system_error(path);
  }
  if (size == 0) return FileState::missing;
  if (size < static_cast<ssize_t>(header.size()) || std::memcmp(header.data(), "SQLite format 3", 16) != 0 ||
      big_endian(&header[68]) != kApplicationId) {
    return fail(path + ": not a Gatepost store; left as it is");
  }
  if (const std::uint32_t version = big_endian(&header[60]); version != kFormatVersion) {
    return fail(path + ": store of format " + std::to_string(version) + ", this program knows " +
                std::to_string(kFormatVersion) + "; left as it is");
  }
  return FileState::ours;
}

struct Close {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};
struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, Close>;
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

Result<Database> connect(const std::string& path, const std::string& vfs) {
  sqlite3* raw = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(path.c_str(), &raw, flags, vfs.empty() ? nullptr : vfs.c_str());
  Database database(raw);
  if (code != SQLITE_OK) return fail(path + ": " + sqlite3_errstr(code));
  return database;
}

Result<void> run(sqlite3* database, const std::string& path, const char* sql) {
  if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return fail(path + ": " + sqlite3_errmsg(database));
}

Result<Statement> prepare(sqlite3* database, const std::string& path, const char* sql) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT, &raw, nullptr) != SQLITE_OK) {
    return fail(path + ": " + sqlite3_errmsg(database));
  }
  return Statement(raw);
}

Result<void> sync(const std::string& path, int flags) {
  const int file = ::open(path.c_str(), flags | O_CLOEXEC);
  if (file < 0) return system_error(path);
  const bool good = ::fsync(file) == 0;
  ::close(file);
  if (!good) return system_error(path);
  return {};
}

// The new file comes into its place whole: a crash leaves either none or a good one.
Result<void> make(const std::string& path) {
  const std::string fresh = path + ".new";
  for (const char* suffix : {"", "-wal", "-shm"}) ::unlink((fresh + suffix).c_str());
  const int file = ::open(fresh.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return system_error(fresh);
  ::close(file);
  auto database = connect(fresh, "");
  if (!database) return fail_with(std::move(database).error());
  char identity[96];
  std::snprintf(identity, sizeof identity, "PRAGMA application_id = %u; PRAGMA user_version = %u", kApplicationId,
                kFormatVersion);
  // In WAL mode from the start: a later change would pay for syncs of its own.
  for (const char* sql : {"PRAGMA synchronous = OFF", "PRAGMA journal_mode = MEMORY", "BEGIN", kSchema,
                          static_cast<const char*>(identity), "COMMIT", "PRAGMA journal_mode = WAL"}) {
    if (auto done = run(database->get(), fresh, sql); !done) return done;
  }
  database->reset();
  if (auto synced = sync(fresh, O_RDWR); !synced) return synced;
  if (::rename(fresh.c_str(), path.c_str()) != 0) return system_error(path);
  return sync(path.substr(0, path.rfind('/')), O_RDONLY | O_DIRECTORY);
}

class OpenFile final : public SqliteFile {
 public:
  OpenFile(std::string path, Database database) : path_(std::move(path)), database_(std::move(database)) {
    sqlite3_wal_hook(
        database_.get(),
        [](void* self, sqlite3*, const char*, int pages) {
          static_cast<OpenFile*>(self)->log_pages_ = pages;
          return SQLITE_OK;
        },
        this);
  }

  Result<void> prepare_all() {
    for (const auto& [statement, sql] :
         {std::pair{&begin_, "BEGIN IMMEDIATE"},
          {&commit_, "COMMIT"},
          {&rollback_, "ROLLBACK"},
          {&insert_, "INSERT INTO object (created, revision, collection, ns, name, bytes) VALUES (?, ?, ?, ?, ?, ?)"},
          {&update_, "UPDATE object SET revision = ?2, bytes = ?3 WHERE created = ?1"},
          {&remove_, "DELETE FROM object WHERE created = ?"},
          {&state_, "UPDATE state SET revision = ? WHERE id = 1"}}) {
      auto prepared = prepare(database_.get(), path_, sql);
      if (!prepared) return fail_with(std::move(prepared).error());
      *statement = std::move(*prepared);
    }
    return {};
  }

  Result<Revision> load(const std::function<void(Object)>& visit) override {
    auto state = prepare(database_.get(), path_, "SELECT revision FROM state WHERE id = 1");
    if (!state) return broken(std::move(state).error());
    if (sqlite3_step(state->get()) != SQLITE_ROW) return broken(last_error());
    auto newest = static_cast<Revision>(sqlite3_column_int64(state->get(), 0));
    auto rows = prepare(database_.get(), path_,
                        "SELECT created, revision, collection, ns, name, bytes FROM object ORDER BY created");
    if (!rows) return broken(std::move(rows).error());
    int code = 0;
    while ((code = sqlite3_step(rows->get())) == SQLITE_ROW) {
      sqlite3_stmt* row = rows->get();
      Object object{{column(row, 2), column(row, 3), column(row, 4)},
                    std::make_shared<const std::string>(column(row, 5)),
                    static_cast<Revision>(sqlite3_column_int64(row, 1)),
                    static_cast<Revision>(sqlite3_column_int64(row, 0))};
      newest = std::max(newest, object.revision);
      visit(std::move(object));
    }
    if (code != SQLITE_DONE) return broken(last_error());
    return newest;
  }

  Result<void> commit(std::span<const Change* const> changes) override {
    if (!step(begin_)) return fail_with(last_error());
    Revision removed = 0;
    bool good = true;
    for (auto change = changes.begin(); good && change != changes.end(); ++change) good = write(**change, removed);
    if (good && removed != 0) {
      bind(state_, 1, removed);
      good = step(state_);
    }
    if (good && step(commit_)) return {};
    gatepost::Error error = last_error();
    if (!sqlite3_get_autocommit(database_.get())) step(rollback_);
    return fail_with(std::move(error));
  }

  Log log() const override {
    if (log_pages_ >= kMostPages) return Log::to_move_now;
    return log_pages_ >= kTidyPages ? Log::to_move_when_idle : Log::small;
  }

  // A failure leaves the log as it is: it is tried again later, and no commit is lost by it.
  void move_log() override {
    if (sqlite3_wal_checkpoint_v2(database_.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr) == SQLITE_OK) {
      log_pages_ = 0;
    }
  }

  void close() override {
    for (Statement* statement : {&begin_, &commit_, &rollback_, &insert_, &update_, &remove_, &state_}) {
      statement->reset();
    }
    database_.reset();
  }

 private:
  static std::string column(sqlite3_stmt* row, int index) {
    const void* bytes = sqlite3_column_blob(row, index);
    const int size = sqlite3_column_bytes(row, index);
    return size == 0 ? std::string() : std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
  }

  static void bind(const Statement& statement, int index, Revision value) {
    sqlite3_bind_int64(statement.get(), index, static_cast<sqlite3_int64>(value));
  }

  static void bind(const Statement& statement, int index, const std::string& text) {
    sqlite3_bind_text64(statement.get(), index, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
  }

  static bool step(const Statement& statement) {
    const int code = sqlite3_step(statement.get());
    sqlite3_reset(statement.get());
    return code == SQLITE_DONE;
  }

  bool write(const Change& change, Revision& removed) {
    const Object& object = change.object;
    switch (change.type) {
      case EventType::added:
        bind(insert_, 1, object.create_revision);
        bind(insert_, 2, object.revision);
        bind(insert_, 3, object.key.collection);
        bind(insert_, 4, object.key.ns);
        bind(insert_, 5, object.key.name);
        sqlite3_bind_blob64(insert_.get(), 6, object.bytes->data(), object.bytes->size(), SQLITE_STATIC);
        return step(insert_);
      case EventType::modified:
        bind(update_, 1, object.create_revision);
        bind(update_, 2, object.revision);
        sqlite3_bind_blob64(update_.get(), 3, object.bytes->data(), object.bytes->size(), SQLITE_STATIC);
        return step(update_);
      case EventType::removed:
        removed = object.revision;
        bind(remove_, 1, object.create_revision);
        return step(remove_);
    }
    return false;
  }

  gatepost::Error last_error() const { return {path_ + ": " + sqlite3_errmsg(database_.get())}; }
  static Failure<gatepost::Error> broken(gatepost::Error error) { return fail(error.text + "; left as it is"); }

  std::string path_;
  Database database_;
  Statement begin_, commit_, rollback_, insert_, update_, remove_, state_;
  int log_pages_ = 0;
};

}  // namespace

Result<std::unique_ptr<SqliteFile>> SqliteFile::open(SqliteFileOptions options) {
  const auto state = inspect(options.path);
  if (!state) return fail_with(state.error());
  if (*state == FileState::missing) {
    if (auto made = make(options.path); !made) return fail_with(std::move(made).error());
  }
  auto database = connect(options.path, options.vfs);
  if (!database) return fail_with(std::move(database).error());
  const char* level =
      options.durability == Durability::full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL";
  // The lock on the directory keeps others out, so SQLite needs neither file locks per commit nor shared memory.
  for (const char* sql : {"PRAGMA locking_mode = EXCLUSIVE", "PRAGMA journal_mode = WAL", level,
                          "PRAGMA wal_autocheckpoint = 0", "PRAGMA journal_size_limit = 67108864"}) {
    if (auto done = run(database->get(), options.path, sql); !done) {
      return fail(done.error().text + "; left as it is");
    }
  }
  auto file = std::make_unique<OpenFile>(options.path, std::move(*database));
  if (auto prepared = file->prepare_all(); !prepared) return fail(prepared.error().text + "; left as it is");
  return std::unique_ptr<SqliteFile>(std::move(file));
}

}  // namespace gatepost::storage
