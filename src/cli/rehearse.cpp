#include "rehearse/rehearse.h"

#include <algorithm>
#include <cstdio>
#include <iostream>

#include "cli/commands.h"
#include "cli/flags.h"
#include "cli/refuse.h"
#include "cli/terminal.h"
#include "net/loop.h"
#include "rehearse/junit.h"
#include "rehearse/matrix.h"
#include "rehearse/page.h"
#include "report/json.h"

namespace gatepost::cli {
namespace {

namespace rehearsal = gatepost::rehearse;

constexpr Refuse refuse{"rehearse"};

// Verdicts from the mildest up, as --fail-on names them.
constexpr const char* levels[] = {"recovers-after", "degraded", "wedged"};

bool fails(const rehearsal::Rehearsal& done, const std::string& level) {
  if (level == "never") return false;
  const auto from = std::find(std::begin(levels), std::end(levels), level) - std::begin(levels);
  const auto least = static_cast<rehearsal::Verdict>(static_cast<int>(rehearsal::Verdict::recovers_after) + from);
  for (const rehearsal::Act& act : done.acts)
    for (const rehearsal::WebhookResult& result : act.played.results)
      if (result.verdict >= least) return true;
  return false;
}

void show_progress(std::size_t done, std::size_t of) {
  std::fprintf(stderr, "\rscenario %zu of %zu%s", done, of, done == of ? "\r\x1b[K" : "");
  std::fflush(stderr);
}

}  // namespace

int rehearse(std::span<const std::string> arguments) {
  rehearsal::RehearseOptions options;
  std::vector<std::string> paths;
  std::string snapshot, output = "text", color = "auto", fail_on = "degraded", junit;
  std::int64_t seed = 1;
  bool quiet = false, all = false, no_changes = false;
  Flags flags("rehearse [--snapshot FILE | PATH...] [flags]",
              "Plays outages of webhook backends against a simulated cluster: does it come back by itself?");
  flags.rest("path", paths, "manifests: files, folders, - for standard input");
  flags.text("--snapshot", snapshot, "a file that gatepost snapshot made");
  flags.choice("-o,--output", output, {"text", "json", "html", "junit"}, "form of the report");
  flags.text("--junit", junit, "writes the report in JUnit's form to this file, too");
  flags.choice("--fail-on", fail_on, {"wedged", "degraded", "recovers-after", "never"},
               "exit code 1 where a verdict is this or worse");
  flags.list("--scenario", options.scenarios, "plays only this one (may be given often)");
  flags.toggle("--combined", all, "plays every fault together with every event, too");
  flags.toggle("--no-changes", no_changes, "does not look for the change that removes a wedge");
  flags.number("--seed", seed, "the same seed gives the same run");
  flags.choice("--color", color, {"auto", "always", "never"}, "colours in text output");
  flags.toggle("-q,--quiet", quiet, "text is one line a verdict");
  if (auto exit = flags.parse(arguments)) return *exit;
  if (!snapshot.empty() && !paths.empty()) return refuse(2, "give --snapshot or paths, not both");
  if (!snapshot.empty()) paths = {snapshot};
  if (paths.empty()) return refuse(2, "nothing to rehearse: give --snapshot FILE or manifests");
  auto registry = gatepost::kube::Registry::builtin();
  auto input = rehearsal::read_input(paths, *registry);
  if (!input) return refuse(2, input.error().text);
  if (!snapshot.empty() && !input->is_snapshot) return refuse(2, snapshot + " is no snapshot");
  options.seed = static_cast<std::uint64_t>(seed);
  options.extent = all ? rehearsal::Extent::all : rehearsal::Extent::usual;
  options.changes = !no_changes;
  if (may_show_progress() && !quiet) options.progress = show_progress;
  net::Loop loop;
  auto done = loop.run(rehearsal::rehearse(std::move(*input), std::move(options)));
  if (!done) return refuse(2, done.error().text);
  if (done->acts.empty()) return refuse(2, "no scenario of that name");
  const report::Report report = rehearsal::report_of(*done);
  if (!junit.empty())
    if (auto written = rehearsal::write_junit(*done, junit); !written) return refuse(2, written.error().text);
  if (output == "json")
    std::cout << report::render_json(report);
  else if (output == "html")
    std::cout << rehearsal::render_page(*done);
  else if (output == "junit")
    std::cout << rehearsal::render_junit(*done);
  else if (quiet)
    for (const report::Finding& finding : report.findings)
      std::cout << finding.verdict << " " << finding.webhook << " " << finding.scenario << "\n";
  else
    std::cout << rehearsal::render_matrix(*done, style_of(color));
  return fails(*done, fail_on) ? 1 : 0;
}

}  // namespace gatepost::cli
