#include <ctime>
#include <iostream>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/flags.h"
#include "explain/command.h"

namespace gatepost::cli {
namespace {

bool wants_color(const std::string& color) {
  if (color != "auto") return color == "always";
  const char* none = std::getenv("NO_COLOR");
  return isatty(STDOUT_FILENO) && !(none && *none);
}

gatepost::explain::Output output_of(const std::string& name) {
  if (name == "json") return gatepost::explain::Output::json;
  if (name == "jsonl") return gatepost::explain::Output::jsonl;
  if (name == "html") return gatepost::explain::Output::html;
  return gatepost::explain::Output::text;
}

}  // namespace

int explain(std::span<const std::string> arguments) {
  gatepost::explain::Options options;
  std::string output = "text", color = "auto";
  bool follow = false, list = false;
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
  flags.choice("--color", color, {"auto", "always", "never"}, "colours in text output");
  if (auto exit = flags.parse(arguments)) return *exit;
  options.output = output_of(output);
  options.follow = follow ? gatepost::explain::Follow::yes : gatepost::explain::Follow::no;
  options.list = list ? gatepost::explain::Listing::causes : gatepost::explain::Listing::no;
  options.progress =
      isatty(STDERR_FILENO) ? gatepost::explain::Progress::to_error_stream : gatepost::explain::Progress::never;
  options.style.color = wants_color(color) ? report::Color::always : report::Color::never;
  options.now = std::time(nullptr);
  return gatepost::explain::run(options, STDIN_FILENO, std::cout, std::cerr);
}

}  // namespace gatepost::cli
