#include <algorithm>
#include <iostream>
#include <iterator>
#include <unistd.h>

#include "base/files.h"
#include "cli/cluster_flags.h"
#include "cli/commands.h"
#include "cli/refuse.h"
#include "cli/terminal.h"
#include "diagnose/diagnose.h"
#include "explain/grammar.h"
#include "formats/go_duration.h"
#include "net/loop.h"
#include "remedy/apply.h"
#include "remedy/backup.h"
#include "remedy/diff.h"
#include "remedy/planner.h"
#include "remedy/render.h"
#include "remedy/survey.h"

namespace gatepost::cli {
namespace {

using namespace gatepost::remedy;

constexpr std::size_t longest_error = 1u << 20;
constexpr std::size_t longest_plan = 256u << 20;

struct FixFlags {
  gatepost::client::KubeconfigFlags connection;
  std::vector<std::string> names, steps;
  std::string error, output = "text", color = "auto", ca_file, plan_in, plan_out, wait = "1m", verify_for = "15s";
  std::string backup_directory = default_directory();
  bool quiet = false, apply = false, yes = false, trust_served = false;
};

constexpr Refuse refuse{"fix"};

bool names_a_webhook(const std::string& text) {
  const auto errors = gatepost::explain::read_text(text);
  return std::any_of(errors.begin(), errors.end(), [](const auto& error) { return !error.webhook.empty(); });
}

// Asked on a terminal only; elsewhere nobody answers, and that is a no.
bool answers_yes(const std::string& question) {
  if (isatty(STDIN_FILENO) == 0 || isatty(STDERR_FILENO) == 0) return false;
  std::cerr << question << " [y/N] ";
  std::string line;
  return std::getline(std::cin, line) && (line == "y" || line == "Y" || line == "yes");
}

// What is found and what could be done about it.
struct Prepared {
  report::Report report;
  Plan plan;
};

using PreparedResult = Result<Prepared, gatepost::diagnose::DiagnoseError>;

net::Task<PreparedResult> prepare(gatepost::client::Rest* rest, gatepost::diagnose::DiagnoseOptions options,
                                  SurveyOptions look) {
  using gatepost::diagnose::DiagnoseError;
  auto report = co_await gatepost::diagnose::diagnose(*rest, std::move(options));
  if (!report) co_return fail_with(std::move(report.error()));
  auto seen = co_await survey(rest, report->findings, std::move(look));
  if (!seen) co_return fail_with(DiagnoseError{DiagnoseError::Kind::cluster, std::move(seen.error().text)});
  Prepared out;
  out.plan = make_plan(**seen, rest->connection().server);
  out.report = std::move(*report);
  out.report.command = "fix";
  co_return out;
}

int exit_of(const ApplyResult& result) {
  using Stop = ApplyResult::Stop;
  switch (result.stop) {
    case Stop::none:
      break;
    case Stop::changed:
    case Stop::no_backup:
      return 2;
    default:
      return 3;
  }
  for (const RepairResult& repair : result.repairs) {
    if (repair.outcome == RepairResult::Outcome::stuck) return 3;
    if (repair.outcome != RepairResult::Outcome::verified) return 1;
  }
  return 0;
}

std::string stop_line(const ApplyResult& result) {
  using Stop = ApplyResult::Stop;
  std::string reasons;
  for (const std::string& reason : result.reasons) reasons += (reasons.empty() ? "" : "; ") + reason;
  switch (result.stop) {
    case Stop::changed:
      return "nothing was written: changed since the plan was made: " + reasons;
    case Stop::forbidden:
      return "nothing was written: you may not " + reasons;
    case Stop::refused:
      return "nothing was written: the server would refuse: " + reasons;
    case Stop::no_backup:
      return "nothing was written: the backup cannot be written: " + reasons;
    default:
      return "nothing was written: " + reasons;
  }
}

bool has_work(const Plan& plan) {
  return plan.steps() > 0;
}

// Whether a CA is taken from the wire, which is asked for a second time.
bool takes_served(const Plan& plan) {
  for (const Repair& repair : plan.repairs)
    if (!repair.optional && repair.summary.find("(--trust-served)") != std::string::npos) return true;
  return false;
}

int carry_out(const FixFlags& flags, gatepost::client::Rest& rest, net::Loop& loop, Prepared prepared, Match match) {
  ApplyOptions options;
  options.backup_directory = flags.backup_directory;
  options.match = match;
  options.now = std::chrono::system_clock::now();
  auto wait = formats::parse_go_duration(flags.wait), verify_for = formats::parse_go_duration(flags.verify_for);
  if (!wait || !verify_for) return refuse(2, "--wait and --verify-for take a time such as 90s or 5m");
  options.wait = std::chrono::duration_cast<std::chrono::milliseconds>(*wait);
  options.verify_for = std::chrono::duration_cast<std::chrono::milliseconds>(*verify_for);
  const bool text = flags.output == "text";
  if (text && !flags.quiet)
    options.tell = [](const std::string& line) { std::cout << report::printable(line) << std::endl; };
  Api api(rest);
  const ApplyResult result = loop.run(apply_plan(&api, prepared.plan, std::move(options)));
  if (text && flags.quiet)
    std::cout << result_lines(result);
  else if (text)
    std::cout << result_text(result, style_of(flags.color));
  else
    std::cout << fix_json(prepared.report, prepared.plan, &result);
  if (result.stop != ApplyResult::Stop::none) std::cerr << "gatepost fix: " << stop_line(result) << "\n";
  const int exit = exit_of(result);
  return exit == 0 && !prepared.plan.instructions.empty() ? 1 : exit;
}

Result<Plan> read_plan(const std::string& path) {
  auto text = files::read(path, longest_plan);
  if (!text) return fail_with(std::move(text.error()));
  auto document = unsealed(*text, plan_schema);
  if (!document) return fail(path + " is not a plan of --plan-out: " + document.error().text);
  const json::Value* inner = json::find(*document, "plan");
  auto plan = inner ? plan_from_json(*inner) : fail("plan: missing");
  if (!plan) return fail(path + ": " + plan.error().text);
  return plan;
}

int fix_cluster(FixFlags flags) {
  if (flags.error == "-") {
    flags.error.assign(std::istreambuf_iterator<char>(std::cin), {});
    flags.error.resize(std::min(flags.error.size(), longest_error));
    if (flags.error.empty()) return refuse(2, "--error -: standard input is empty");
  }
  if (!flags.error.empty() && !names_a_webhook(flags.error))
    return refuse(2, "the text names no webhook (gatepost explain reads any text)");
  SurveyOptions look;
  look.now = std::chrono::system_clock::now();
  look.trust_served = flags.trust_served;
  if (!flags.ca_file.empty()) {
    auto pem = files::read(flags.ca_file, 1u << 20);
    if (!pem) return refuse(2, pem.error().text);
    if (pem->find("-----BEGIN CERTIFICATE-----") == std::string::npos)
      return refuse(2, flags.ca_file + ": no PEM certificate in it");
    look.ca_pem = std::move(*pem);
  }
  auto loaded = gatepost::client::load_connection(flags.connection);
  if (!loaded) return refuse(2, loaded.error().text);
  net::Loop loop;  // outlives the client, whose connections close on it
  auto rest = gatepost::client::Rest::make(std::move(*loaded));
  if (!rest) return refuse(2, rest.error().text);

  Prepared prepared;
  Match match = Match::fields;
  if (!flags.plan_in.empty()) {
    auto plan = read_plan(flags.plan_in);
    if (!plan) return refuse(2, plan.error().text);
    if (plan->server != rest->connection().server)
      return refuse(2, "the plan is for " + plan->server + ", not for " + rest->connection().server);
    prepared.plan = std::move(*plan);
    prepared.report.command = "fix";
    match = Match::exact;
  } else {
    gatepost::diagnose::DiagnoseOptions options;
    options.names = flags.names;
    options.error = flags.error;
    options.now = look.now;
    auto made = loop.run(prepare(&*rest, std::move(options), std::move(look)));
    if (!made)
      return refuse(made.error().kind == gatepost::diagnose::DiagnoseError::Kind::use ? 2 : 3, made.error().text);
    prepared = std::move(*made);
  }
  if (auto picked = pick_steps(prepared.plan, flags.steps); !picked) return refuse(2, picked.error().text);
  if (!flags.plan_out.empty()) {
    json::Object document;
    document["plan"] = to_json(prepared.plan);
    if (auto written = files::write_private(flags.plan_out, sealed(std::move(document), plan_schema)); !written)
      return refuse(2, written.error().text);
  }
  const bool text = flags.output == "text";
  const bool empty = prepared.report.findings.empty() && flags.plan_in.empty();
  if (text && empty) std::cout << "Nothing to repair: all webhooks are healthy as far as can be seen.\n";
  if (text) std::cout << (flags.quiet ? plan_lines(prepared.plan) : plan_text(prepared.plan, style_of(flags.color)));
  if (text && !empty && prepared.plan.repairs.empty() && prepared.plan.instructions.empty())
    std::cout << "Nothing to repair now: what was met is not there any more (gatepost diagnose tells more).\n";
  bool go = flags.apply && flags.plan_out.empty() && has_work(prepared.plan);
  if (!go && has_work(prepared.plan) && flags.plan_out.empty() && text) go = answers_yes("Carry this plan out?");
  if (go && takes_served(prepared.plan) && !flags.yes &&
      !answers_yes(
          "The CA is taken from what is served, which whoever stands between could have put there. Compare the "
          "fingerprint above with the backend's owner. Trust it?"))
    return refuse(2, "--trust-served needs a second yes: on a terminal, or --yes; nothing was written");
  if (go) return carry_out(flags, *rest, loop, std::move(prepared), match);
  if (!text) std::cout << fix_json(prepared.report, prepared.plan, nullptr);
  if (text && !flags.quiet && has_work(prepared.plan))
    std::cout << (flags.plan_out.empty()
                      ? "Nothing was written. To carry it out: the same command with --apply\n"
                      : "Nothing was written. To carry it out: gatepost fix --plan " + flags.plan_out + " --apply\n");
  return empty ? 0 : 1;
}

}  // namespace

int fix(std::span<const std::string> arguments) {
  FixFlags flags;
  Flags parser("fix [NAME...] [flags]", "Plans the repair of failing webhooks, and carries it out with --apply.");
  parser.rest("name", flags.names, "configurations or webhooks; none: all");
  parser.text("--error", flags.error, "an error's text, or - for standard input: its webhook is repaired");
  parser.list("--step", flags.steps, "only this step or remedy of the plan, also an optional one; may be given often");
  parser.toggle("--apply", flags.apply, "carry the plan out");
  parser.toggle("--yes", flags.yes, "answer further questions with yes");
  parser.text("--plan-out", flags.plan_out, "write the plan to this private file and do not carry it out");
  parser.text("--plan", flags.plan_in, "carry out a plan of --plan-out, if nothing changed since");
  parser.text("--ca-file", flags.ca_file, "PEM of the CA that signs what the backend serves");
  parser.toggle("--trust-served", flags.trust_served, "take the CA from what is served, as a last resort");
  parser.text("--backup-dir", flags.backup_directory, "where backups are kept");
  parser.text("--wait", flags.wait, "time to wait for controllers (rollouts, endpoints)");
  parser.text("--verify-for", flags.verify_for, "time within which a repair must show before it is rolled back");
  parser.choice("-o,--output", flags.output, {"text", "json"}, "form of the report");
  parser.toggle("-q,--quiet", flags.quiet, "text is one line a repair");
  parser.choice("--color", flags.color, {"auto", "always", "never"}, "colours in text output");
  add_cluster_flags(parser, flags.connection);
  if (auto exit = parser.parse(arguments)) return *exit;
  if (!flags.plan_in.empty() && (!flags.names.empty() || !flags.error.empty() || !flags.plan_out.empty()))
    return refuse(2, "--plan takes the plan as it is: no names, --error or --plan-out beside it");
  return fix_cluster(std::move(flags));
}

}  // namespace gatepost::cli
