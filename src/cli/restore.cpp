#include "remedy/restore.h"

#include <iostream>

#include "cli/cluster_flags.h"
#include "cli/commands.h"
#include "cli/refuse.h"
#include "net/loop.h"
#include "remedy/backup.h"
#include "remedy/render.h"

namespace gatepost::cli {
namespace {

using namespace gatepost::remedy;

constexpr Refuse refuse{"restore"};

int list(const std::string& directory, const std::string& output) {
  std::vector<std::string> unreadable;
  const auto backups = list_backups(directory, unreadable);
  if (output == "json") {
    std::cout << backups_json(backups);
  } else {
    if (backups.empty()) std::cout << "no backups in " << directory << "\n";
    for (const Backup& backup : backups) std::cout << report::printable(backup_line(backup)) << "\n";
  }
  for (const std::string& line : unreadable) std::cerr << "gatepost restore: " << line << "\n";
  return unreadable.empty() ? 0 : 2;
}

// The one backup of this cluster that was cut off or holds something open.
Result<Backup> only_unfinished(const std::string& directory, const std::string& server) {
  std::vector<std::string> unreadable;
  std::vector<Backup> found;
  for (Backup& backup : list_backups(directory, unreadable)) {
    if (backup.plan.server == server && is_unfinished(backup)) found.push_back(std::move(backup));
  }
  if (found.size() == 1) return std::move(found.front());
  return fail(found.empty() ? "no repair of this cluster is unfinished; name a backup (gatepost restore --list)"
                            : "several repairs are unfinished; name a backup (gatepost restore --list)");
}

}  // namespace

int restore(std::span<const std::string> arguments) {
  gatepost::client::KubeconfigFlags connection;
  std::vector<std::string> files;
  std::string output = "text", color = "auto", directory = default_directory();
  bool quiet = false, show_list = false, force = false, everything = false, dry_run = false, agreed = false;
  Flags flags("restore [FILE] [flags]", "Undoes a repair from its backup, or finishes one that was cut off.");
  flags.rest("file", files, "a backup; none: the one repair of this cluster that is unfinished");
  flags.toggle("--list", show_list, "list the backups instead");
  flags.toggle("--force", force, "also set back fields that others changed since");
  flags.toggle("--everything", everything, "undo lasting steps at once, although temporary ones are still in place");
  flags.toggle("--dry-run", dry_run, "only tell what would be undone");
  flags.toggle("--apply,--yes", agreed, "taken for the sake of scripts: naming the backup is enough");
  flags.text("--backup-dir", directory, "where backups are kept");
  flags.toggle("-q,--quiet", quiet, "print nothing that is not asked for");
  flags.choice("--color", color, {"auto", "always", "never"}, "colours in text output");
  flags.choice("-o,--output", output, {"text", "json"}, "form of the report");
  add_cluster_flags(flags, connection);
  if (auto exit = flags.parse(arguments)) return *exit;
  if (files.size() > 1) return refuse(2, "one backup at a time");
  if (show_list) return list(directory, output);
  std::optional<Backup> backup;
  if (!files.empty()) {
    auto read = read_backup(files.front());
    if (!read) return refuse(2, read.error().text);
    backup = std::move(*read);
  }
  auto loaded = gatepost::client::load_connection(connection);
  if (!loaded) return refuse(2, loaded.error().text);
  if (!backup) {
    auto only = only_unfinished(directory, loaded->server);
    if (!only) return refuse(2, only.error().text);
    backup = std::move(*only);
  }
  if (backup->plan.server != loaded->server && !force)
    return refuse(2, "the backup is of " + backup->plan.server + ", not of " + loaded->server +
                         " (--force if they are the same)");
  net::Loop loop;  // outlives the client, whose connections close on it
  auto rest = gatepost::client::Rest::make(std::move(*loaded));
  if (!rest) return refuse(2, rest.error().text);
  Api api(*rest);
  RestoreOptions options;
  options.override_others = force ? Override::yes : Override::no;
  options.everything = everything;
  options.dry_run = dry_run;
  const std::string path = backup->path;
  const RestoreResult result = loop.run(gatepost::remedy::restore(&api, std::move(*backup), options));
  if (output == "json")
    std::cout << restore_json(result, path);
  else if (!quiet)
    std::cout << restore_text(result, path);
  if (!result.busy.empty()) return refuse(3, result.busy);
  if (result.complete()) return 0;
  for (const Undoing& one : result.steps)
    if (one.state == "failed") return refuse(3, one.step + ": " + one.text);
  return 1;
}

}  // namespace gatepost::cli
