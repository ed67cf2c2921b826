#include <chrono>
#include <iostream>
#include <thread>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/flags.h"
#include "cli/terminal.h"
#include "lint/command.h"

namespace gatepost::cli {

int lint(std::span<const std::string> arguments) {
  gatepost::lint::CommandOptions options;
  std::string output = "text", color = "auto";
  bool quiet = false;
  Flags flags("lint [PATH... | - | --cluster] [flags]",
              "Holds webhook configurations and what they need against the catalogue of good practices.");
  flags.rest("path", options.paths, "files and folders of manifests, - for standard input");
  flags.list("--helm-chart", options.charts, "folder of a chart, rendered by the helm on PATH; may be given often");
  flags.choice("-o,--output", output, {"text", "json", "sarif", "junit", "github", "gitlab", "markdown", "html"},
               "form of the report");
  flags.text("--profile", options.profile, "platform: gke, aks, eks, openshift, gardener or k3s");
  flags.text("--config", options.settings_file, "settings; else .gatepost.yaml of this folder");
  flags.list("--rule", options.only, "only this rule; may be given often");
  flags.list("--disable", options.disable, "without this rule; may be given often");
  flags.list("--fail-on", options.fail_on,
             "what makes exit code 1: error, warning, info (and worse), a rule, any or none; usually warning");
  flags.text("--baseline", options.baseline, "an earlier -o json report, whose findings are accepted");
  flags.text("--write-baseline", options.write_baseline, "writes the findings as a baseline");
  flags.toggle("--list", options.list, "lists the rules");
  flags.text("--explain", options.explain, "tells all about a rule");
  flags.toggle("-q,--quiet", quiet, "text is one line a finding");
  flags.choice("--color", color, {"auto", "always", "never"}, "colours in text output");
  if (auto exit = flags.parse(arguments)) return *exit;
  options.output = *gatepost::lint::output_named(output);
  options.detail = quiet ? gatepost::lint::Detail::lines : gatepost::lint::Detail::full;
  options.style = style_of(color);
  options.now = std::chrono::system_clock::now();
  options.threads = std::max(1u, std::thread::hardware_concurrency());
  return gatepost::lint::run(options, STDIN_FILENO, std::cout, std::cerr);
}

}  // namespace gatepost::cli
