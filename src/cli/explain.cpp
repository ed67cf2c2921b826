#include <atomic>
#include <csignal>
#include <ctime>
#include <iostream>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/flags.h"
#include "cli/terminal.h"
#include "explain/command.h"

namespace gatepost::cli {
namespace {

gatepost::explain::Output output_of(const std::string& name) {
  if (name == "json") return gatepost::explain::Output::json;
  if (name == "jsonl") return gatepost::explain::Output::jsonl;
  if (name == "html") return gatepost::explain::Output::html;
  return gatepost::explain::Output::text;
}

// Set by the first SIGINT or SIGTERM: a live stream then ends with its summary. The second one ends the program.
std::atomic<bool> interrupted = false;
static_assert(std::atomic<bool>::is_always_lock_free);

void stop_at_signals() {
  struct sigaction action{};
  action.sa_handler = [](int) { interrupted = true; };
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool is_live(const gatepost::explain::Options& options) {
  struct stat found{};
  return options.follow == gatepost::explain::Follow::yes ||
         (fstat(STDIN_FILENO, &found) == 0 && (S_ISFIFO(found.st_mode) || S_ISSOCK(found.st_mode)));
}

}  // namespace

int explain(std::span<const std::string> arguments) {
  gatepost::explain::Options options;
  std::string output = "text", color = "auto";
  bool follow = false, list = false, quiet = false;
  Flags flags("explain [TEXT | FILE... | - | CAUSE-ID] [flags]",
              "Reads an error, a log or an audit file and names the cause.");
  flags.rest("input", options.arguments,
             "a text, files (also .gz and .zst), - for standard input, or the id of a cause");
  flags.choice("-o,--output", output, {"text", "json", "jsonl", "html"}, "form of the report");
  flags.text("--since", options.since, "only lines of a log since then: 15m, 2h, 3d or an RFC 3339 time");
  flags.text("--webhook", options.webhook, "only this webhook");
  flags.text("--cause", options.cause, "only this cause");
  flags.list("--fail-on", options.fail_on,
             "which findings make exit code 1: outcomes, causes, severities, any or none");
  flags.toggle("--follow", follow, "goes on reading a file that grows");
  flags.toggle("--list", list, "lists the causes");
  flags.toggle("-q,--quiet", quiet, "text is one line a finding; no progress");
  flags.choice("--color", color, {"auto", "always", "never"}, "colours in text output");
  if (auto exit = flags.parse(arguments)) return *exit;
  options.output = output_of(output);
  options.follow = follow ? gatepost::explain::Follow::yes : gatepost::explain::Follow::no;
  options.list = list ? gatepost::explain::Listing::causes : gatepost::explain::Listing::no;
  options.detail = quiet ? gatepost::explain::Detail::lines : gatepost::explain::Detail::screen;
  options.progress =
      may_show_progress() && !quiet ? gatepost::explain::Progress::to_error_stream : gatepost::explain::Progress::never;
  options.style = style_of(color);
  options.now = std::time(nullptr);
  options.stop = &interrupted;
  if (is_live(options)) stop_at_signals();
  return gatepost::explain::run(options, STDIN_FILENO, std::cout, std::cerr);
}

}  // namespace gatepost::cli
