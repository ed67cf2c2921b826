#include <fmt/format.h>
#include <iostream>

#include "cli/cluster_flags.h"
#include "cli/commands.h"
#include "cli/refuse.h"
#include "cli/terminal.h"
#include "formats/go_duration.h"
#include "net/loop.h"
#include "remedy/apply.h"
#include "remedy/backup.h"
#include "remedy/emergency.h"
#include "remedy/render.h"

namespace gatepost::cli {
namespace {

using namespace gatepost::remedy;

constexpr Refuse refuse{"break-glass"};

}  // namespace

int break_glass(std::span<const std::string> arguments) {
  gatepost::client::KubeconfigFlags connection;
  std::vector<std::string> names;
  std::string output = "text", color = "auto", directory = default_directory(), wait = "0s";
  bool quiet = false, remove = false, dry_run = false, agreed = false;
  Flags flags("break-glass NAME [flags]",
              "Opens a webhook at once, with a backup: leaves its backend's namespace out and fails open.");
  flags.rest("name", names, "a configuration or a webhook");
  flags.toggle("--delete", remove, "delete the configuration for the time being instead of failing open");
  flags.text("--wait", wait, "wait so long for the backend, and put the policy back by itself once it is ready");
  flags.toggle("--dry-run", dry_run, "only show what would be done");
  flags.toggle("--apply,--yes", agreed, "taken for the sake of scripts: naming the webhook is enough");
  flags.text("--backup-dir", directory, "where backups are kept");
  flags.toggle("-q,--quiet", quiet, "print nothing that is not asked for");
  flags.choice("--color", color, {"auto", "always", "never"}, "colours in text output");
  flags.choice("-o,--output", output, {"text", "json"}, "form of the report");
  add_cluster_flags(flags, connection);
  if (auto exit = flags.parse(arguments)) return *exit;
  if (names.size() != 1) return refuse(2, "name one configuration or webhook");
  auto patience = formats::parse_go_duration(wait);
  if (!patience) return refuse(2, "--wait: " + patience.error().text);
  auto loaded = gatepost::client::load_connection(connection);
  if (!loaded) return refuse(2, loaded.error().text);
  net::Loop loop;  // outlives the client, whose connections close on it
  auto rest = gatepost::client::Rest::make(std::move(*loaded));
  if (!rest) return refuse(2, rest.error().text);
  const WallTime now = std::chrono::system_clock::now();
  auto plan = loop.run(emergency_plan(&*rest, names.front(), remove ? Opening::remove : Opening::fail_open, now));
  if (!plan) return refuse(plan.error().kind == EmergencyError::Kind::use ? 2 : 3, plan.error().text);
  const bool text = output == "text";
  report::Report report;
  report.command = "break-glass";
  if (text && !quiet) std::cout << plan_text(*plan, style_of(color));
  if (dry_run) {
    if (!text) std::cout << fix_json(report, *plan, nullptr);
    return 0;
  }
  ApplyOptions options;
  options.backup_directory = directory;
  options.checks = Checks::emergency;
  options.now = now;
  options.wait = std::chrono::duration_cast<std::chrono::milliseconds>(*patience);
  if (text && !quiet) options.tell = [](const std::string& line) { std::cout << report::printable(line) << std::endl; };
  Api api(*rest);
  const ApplyResult result = loop.run(apply_plan(&api, *plan, std::move(options)));
  bool stuck = result.stop != ApplyResult::Stop::none;
  for (const RepairResult& repair : result.repairs)
    stuck =
        stuck || repair.outcome == RepairResult::Outcome::stuck || repair.outcome == RepairResult::Outcome::rolled_back;
  if (text && quiet)
    std::cout << result.backup << "\n";
  else if (text)
    std::cout << result_text(result, style_of(color));
  else
    std::cout << fix_json(report, *plan, &result);
  if (!stuck) return 0;
  return refuse(
      result.stop == ApplyResult::Stop::no_backup ? 2 : 3,
      result.reasons.empty() ? "not everything could be opened" : "nothing was touched: " + result.reasons.front());
}

}  // namespace gatepost::cli
