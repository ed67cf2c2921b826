#include <chrono>
#include <iostream>
#include <optional>
#include <thread>
#include <unistd.h>

#include "cli/cluster_flags.h"
#include "cli/commands.h"
#include "cli/flags.h"
#include "cli/refuse.h"
#include "cli/terminal.h"
#include "lint/cluster.h"
#include "lint/command.h"
#include "net/loop.h"

namespace gatepost::cli {
namespace {

constexpr Refuse refuse{"lint"};

}  // namespace

int lint(std::span<const std::string> arguments) {
  gatepost::lint::CommandOptions options;
  std::string output = "text", color = "auto";
  bool quiet = false, cluster = false;
  gatepost::client::KubeconfigFlags connection;
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
  flags.text("--audit-log", options.audit_log, "an audit log of the API server: GP907 and GP908 look at its patches");
  flags.toggle("--advise", options.advise, "tells which policy fits each webhook, and which needs no backend");
  flags.toggle("--fix", options.fix, "repairs in place what is mechanical, keeping comments and layout");
  flags.toggle("--diff", options.diff, "shows the repairs as a diff");
  flags.toggle("--cluster", cluster, "lints what the kubeconfig's cluster holds");
  add_connection_flags(flags, connection);
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
  std::optional<gatepost::lint::ClusterObjects> objects;
  if (cluster) {
    auto loaded = gatepost::client::load_connection(connection);
    if (!loaded) return refuse(2, loaded.error().text);
    options.cluster_name = loaded->server;
    net::Loop loop;  // outlives the client, whose connections close on it
    auto rest = gatepost::client::Rest::make(std::move(*loaded));
    if (!rest) return refuse(2, rest.error().text);
    auto read = loop.run(gatepost::lint::read_cluster(&*rest));
    if (!read) return refuse(3, read.error().text);
    objects = std::move(*read);
    for (const std::string& line : objects->unseen) std::cerr << "gatepost lint: not seen: " << line << "\n";
    options.cluster = &objects->manifests;
    options.observed = objects->observed;
  }
  return gatepost::lint::run(options, STDIN_FILENO, std::cout, std::cerr);
}

}  // namespace gatepost::cli
