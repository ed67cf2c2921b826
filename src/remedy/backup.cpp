#include "remedy/backup.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <iterator>
#include <unistd.h>

#include "base/files.h"
#include "base/time.h"
#include "json/parse.h"
#include "json/write.h"

namespace gatepost::remedy {
namespace {

constexpr std::size_t largest_backup = 256u << 20;
constexpr std::string_view marks[] = {"started", "done", "undone", "finished"};

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::optional<Entry> read_entry(std::string_view line) {
  auto object = json::parse(line, json::make_arena(line.size() * 2), {.max_depth = 200});
  if (!object) return std::nullopt;
  const auto* mark = std::find(std::begin(marks), std::end(marks), json::string_at(*object, {"mark"}));
  if (mark == std::end(marks)) return std::nullopt;
  Entry out;
  out.mark = static_cast<Mark>(mark - std::begin(marks));
  out.step = json::string_at(*object, {"step"});
  out.time = json::string_at(*object, {"time"});
  out.note = json::string_at(*object, {"note"});
  if (const json::Value* stored = json::find(*object, "object")) out.object = json::Value(*stored, json::Storage());
  return out;
}

Result<void> append_synced(const std::string& path, std::string_view bytes) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return fail(path + ": " + std::strerror(errno));
  while (!bytes.empty()) {
    const ssize_t n = ::write(file, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  const bool good = bytes.empty() && ::fsync(file) == 0;
  const int error = errno;
  ::close(file);
  if (!good) return fail(path + ": " + std::strerror(error));
  return {};
}

}  // namespace

std::string_view to_string(Mark mark) {
  return marks[static_cast<std::size_t>(mark)];
}

Result<Journal> Journal::open(std::string path) {
  if (auto made = append_synced(path, ""); !made) return fail_with(std::move(made.error()));
  Journal out;
  out.path_ = std::move(path);
  return out;
}

Result<void> Journal::write(Entry entry) {
  json::Object out;
  out["time"] = entry.time.empty() ? rfc3339(std::chrono::system_clock::now()) : entry.time;
  out["mark"] = to_string(entry.mark);
  if (!entry.step.empty()) out["step"] = entry.step;
  if (!entry.note.empty()) out["note"] = entry.note;
  if (entry.object) out["object"] = *entry.object;
  if (auto kept = append_synced(path_, json::write(json::Value(std::move(out))) + "\n"); !kept) return kept;
  written_.push_back(std::move(entry));
  return {};
}

std::vector<Entry> read_journal(std::string_view text) {
  std::vector<Entry> out;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) break;
    if (auto entry = read_entry(text.substr(0, end))) out.push_back(std::move(*entry));
    text.remove_prefix(end + 1);
  }
  return out;
}

bool Backup::finished() const {
  return !journal.empty() && journal.back().mark == Mark::finished;
}

std::string default_directory() {
  if (const std::string state = environment("XDG_STATE_HOME"); !state.empty()) return state + "/gatepost/backups";
  if (const std::string home = environment("HOME"); !home.empty()) return home + "/.local/state/gatepost/backups";
  return "gatepost-backups";
}

Result<std::string> write_backup(const std::string& directory, const Plan& plan) {
  if (auto made = files::make_directory(directory); !made) return fail_with(std::move(made.error()));
  std::string path = directory + "/" + plan.id + ".json";
  json::Object document;
  document["plan"] = to_json(plan);
  if (auto written = files::write_private(path, sealed(std::move(document), backup_schema)); !written)
    return fail_with(std::move(written.error()));
  return path;
}

Result<Backup> read_backup(const std::string& path) {
  auto text = files::read(path, largest_backup);
  if (!text) return fail_with(std::move(text.error()));
  auto document = unsealed(*text, backup_schema);
  if (!document) return fail(path + ": " + document.error().text);
  const json::Value* plan_document = json::find(*document, "plan");
  auto plan = plan_document ? plan_from_json(*plan_document) : fail("plan: missing");
  if (!plan) return fail(path + ": " + plan.error().text);
  Backup out;
  out.path = path;
  out.plan = std::move(*plan);
  if (auto journal = files::read(journal_path(path), largest_backup)) out.journal = read_journal(*journal);
  return out;
}

std::vector<Backup> list_backups(const std::string& directory, std::vector<std::string>& unreadable) {
  std::vector<std::string> paths;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error))
    if (entry.path().extension() == ".json") paths.push_back(entry.path().string());
  std::sort(paths.begin(), paths.end());
  std::vector<Backup> out;
  for (const std::string& path : paths) {
    auto backup = read_backup(path);
    if (backup)
      out.push_back(std::move(*backup));
    else
      unreadable.push_back(std::move(backup.error().text));
  }
  return out;
}

std::string journal_path(const std::string& backup_path) {
  const std::string stem = backup_path.ends_with(".json") ? backup_path.substr(0, backup_path.size() - 5) : backup_path;
  return stem + ".journal";
}

}  // namespace gatepost::remedy
