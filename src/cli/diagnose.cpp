#include "diagnose/diagnose.h"

#include <algorithm>
#include <iostream>
#include <iterator>

#include "cli/cluster_flags.h"
#include "cli/commands.h"
#include "cli/refuse.h"
#include "cli/terminal.h"
#include "diagnose/fleet.h"
#include "explain/grammar.h"
#include "net/loop.h"
#include "report/html.h"
#include "report/json.h"
#include "report/markdown.h"
#include "report/yaml.h"

namespace gatepost::cli {
namespace {

constexpr std::size_t longest_error = 1u << 20;

using gatepost::client::KubeconfigFlags;
using gatepost::diagnose::DiagnoseError;
using gatepost::diagnose::DiagnoseOptions;

bool names_a_webhook(const std::string& text) {
  for (const auto& error : gatepost::explain::read_text(text))
    if (!error.webhook.empty()) return true;
  return false;
}

constexpr Refuse refuse{"diagnose"};

int exit_code(const DiagnoseError& error) {
  return error.kind == DiagnoseError::Kind::use ? 2 : 3;
}

// What is under way, on one line of the terminal that is written over and wiped at the end.
void show_progress(const std::string& what) {
  std::cerr << "\r\x1b[K" << what << std::flush;
}

struct Look {
  std::string output = "text", color = "auto";
  bool quiet = false;
};

void print_text(const report::Report& report, const Look& look) {
  const report::Style style = style_of(look.color);
  if (look.quiet) {
    for (const report::Finding& finding : report.findings)
      std::cout << to_string(finding.severity) << " " << finding.webhook << " " << finding.cause << " "
                << (finding.root_cause.empty() ? "-" : finding.root_cause) << "\n";
    return;
  }
  if (report.webhooks.empty()) std::cout << "There are no webhooks.\n";
  std::cout << report::render_lines(report, style);
  if (!report.findings.empty()) std::cout << "\n" << report::render_terminal(report, style);
  for (const report::Fact& fact : report.summary)
    if (const auto* texts = std::get_if<std::vector<std::string>>(&fact.value))
      for (const std::string& text : *texts)
        std::cout << (fact.name == "notReached" ? "not reached: " : "not seen: ") << report::printable(text) << "\n";
}

void print(const report::Report& report, const Look& look) {
  if (look.output == "json")
    std::cout << report::render_json(report);
  else if (look.output == "yaml")
    std::cout << report::render_yaml(report);
  else if (look.output == "html")
    std::cout << report::render_html(report, "Webhooks diagnosed");
  else if (look.output == "markdown")
    std::cout << report::render_markdown(report, "Webhooks diagnosed");
  else
    print_text(report, look);
}

Result<report::Report, DiagnoseError> diagnose_one(const KubeconfigFlags& flags, const DiagnoseOptions& options) {
  auto loaded = gatepost::client::load_connection(flags);
  if (!loaded) return fail_with(DiagnoseError{DiagnoseError::Kind::use, loaded.error().text});
  net::Loop loop;  // outlives the client, whose connections close on it
  auto rest = gatepost::client::Rest::make(std::move(*loaded));
  if (!rest) return fail_with(DiagnoseError{DiagnoseError::Kind::use, rest.error().text});
  return loop.run(gatepost::diagnose::diagnose(*rest, options));
}

// "all", or names with commas between.
Result<std::vector<std::string>> contexts_of(const std::string& wanted, const KubeconfigFlags& flags) {
  auto known = gatepost::client::context_names(flags);
  if (!known || wanted == "all") return known;
  std::vector<std::string> out;
  for (std::size_t at = 0; at <= wanted.size();) {
    const std::size_t comma = std::min(wanted.find(',', at), wanted.size());
    std::string name = wanted.substr(at, comma - at);
    if (std::find(known->begin(), known->end(), name) == known->end())
      return fail("there is no context \"" + name + "\"");
    out.push_back(std::move(name));
    at = comma + 1;
  }
  return out;
}

int diagnose_fleet(const std::string& wanted, KubeconfigFlags flags, const DiagnoseOptions& options, const Look& look) {
  auto contexts = contexts_of(wanted, flags);
  if (!contexts) return refuse(2, contexts.error().text);
  if (contexts->empty()) return refuse(2, "the kubeconfig has no contexts");
  report::Report all;
  all.command = "diagnose";
  bool reached = false;
  for (const std::string& context : *contexts) {
    flags.context = context;
    DiagnoseOptions of_context = options;
    if (options.progress)
      of_context.progress = [&](const std::string& what) {
        options.progress(what.empty() ? "" : context + ": " + what);
      };
    auto report = diagnose_one(flags, of_context);
    if (report)
      reached = true, gatepost::diagnose::add_context(context, std::move(*report), all);
    else
      gatepost::diagnose::add_unreached(context, report.error().text, all);
  }
  print(all, look);
  return !all.findings.empty() ? 1 : reached ? 0 : 3;
}

}  // namespace

int diagnose(std::span<const std::string> arguments) {
  KubeconfigFlags connection;
  DiagnoseOptions options;
  Look look;
  std::string contexts;
  Flags flags("diagnose [NAME...] [flags]", "Names the root cause of failing webhooks, with the evidence.");
  flags.rest("name", options.names, "configurations or webhooks; none: all");
  flags.text("--error", options.error, "an error's text, or - for standard input: its webhook is diagnosed");
  flags.text("--contexts", contexts, "all, or names with commas between: one report of several clusters");
  flags.choice("-o,--output", look.output, {"text", "json", "yaml", "html", "markdown"}, "form of the report");
  flags.choice("--color", look.color, {"auto", "always", "never"}, "colours in text output");
  flags.toggle("-q,--quiet", look.quiet, "text is one line a finding");
  add_cluster_flags(flags, connection);
  if (auto exit = flags.parse(arguments)) return *exit;
  if (options.error == "-") {
    options.error.assign(std::istreambuf_iterator<char>(std::cin), {});
    options.error.resize(std::min(options.error.size(), longest_error));
    if (options.error.empty()) return refuse(2, "--error -: standard input is empty");
  }
  if (!options.error.empty() && !names_a_webhook(options.error))
    return refuse(2, "the text names no webhook (gatepost explain reads any text)");
  options.now = std::chrono::system_clock::now();
  if (may_show_progress() && !look.quiet) options.progress = show_progress;
  if (!contexts.empty() && !connection.context.empty()) return refuse(2, "give --context or --contexts, not both");
  if (!contexts.empty()) return diagnose_fleet(contexts, std::move(connection), options, look);
  auto report = diagnose_one(connection, options);
  if (!report) {
    if (options.progress) options.progress("");
    return refuse(exit_code(report.error()), report.error().text);
  }
  print(*report, look);
  return report->findings.empty() ? 0 : 1;
}

}  // namespace gatepost::cli
