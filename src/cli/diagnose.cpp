#include "diagnose/diagnose.h"

#include <iostream>
#include <iterator>

#include "cli/cluster_flags.h"
#include "cli/commands.h"
#include "cli/terminal.h"
#include "explain/grammar.h"
#include "net/loop.h"
#include "report/html.h"
#include "report/json.h"
#include "report/markdown.h"

namespace gatepost::cli {
namespace {

constexpr std::size_t longest_error = 1u << 20;

bool names_a_webhook(const std::string& text) {
  for (const auto& error : gatepost::explain::read_text(text))
    if (!error.webhook.empty()) return true;
  return false;
}

int refuse(int code, const std::string& text) {
  std::cerr << "gatepost diagnose: " << text << "\n";
  return code;
}

void print(const report::Report& report, const std::string& output, const std::string& color, bool quiet) {
  if (output == "json") {
    std::cout << report::render_json(report);
  } else if (output == "html") {
    std::cout << report::render_html(report, "Webhooks diagnosed");
  } else if (output == "markdown") {
    std::cout << report::render_markdown(report, "Webhooks diagnosed");
  } else if (quiet) {
    for (const report::Finding& finding : report.findings)
      std::cout << to_string(finding.severity) << " " << finding.webhook << " " << finding.cause << " "
                << (finding.root_cause.empty() ? "-" : finding.root_cause) << "\n";
  } else if (report.findings.empty()) {
    std::cout << "All webhooks are healthy as far as can be seen.\n";
  } else {
    std::cout << report::render_terminal(report, style_of(color));
  }
}

}  // namespace

int diagnose(std::span<const std::string> arguments) {
  gatepost::client::KubeconfigFlags connection;
  gatepost::diagnose::DiagnoseOptions options;
  std::string output = "text", color = "auto";
  bool quiet = false;
  Flags flags("diagnose [NAME...] [flags]", "Names the root cause of failing webhooks, with the evidence.");
  flags.rest("name", options.names, "configurations or webhooks; none: all");
  flags.text("--error", options.error, "an error's text, or - for standard input: its webhook is diagnosed");
  flags.choice("-o,--output", output, {"text", "json", "html", "markdown"}, "form of the report");
  flags.choice("--color", color, {"auto", "always", "never"}, "colours in text output");
  flags.toggle("-q,--quiet", quiet, "text is one line a finding");
  add_cluster_flags(flags, connection);
  if (auto exit = flags.parse(arguments)) return *exit;
  if (options.error == "-") {
    options.error.assign(std::istreambuf_iterator<char>(std::cin), {});
    options.error.resize(std::min(options.error.size(), longest_error));
    if (options.error.empty()) return refuse(2, "--error -: standard input is empty");
  }
  if (!options.error.empty() && !names_a_webhook(options.error))
    return refuse(2, "the text names no webhook (gatepost explain reads any text)");
  auto loaded = gatepost::client::load_connection(connection);
  if (!loaded) return refuse(2, loaded.error().text);
  net::Loop loop;  // outlives the client, whose connections close on it
  auto rest = gatepost::client::Rest::make(std::move(*loaded));
  if (!rest) return refuse(2, rest.error().text);
  options.now = std::chrono::system_clock::now();
  auto report = loop.run(gatepost::diagnose::diagnose(*rest, std::move(options)));
  if (!report)
    return refuse(report.error().kind == gatepost::diagnose::DiagnoseError::Kind::use ? 2 : 3, report.error().text);
  print(*report, output, color, quiet);
  return report->findings.empty() ? 0 : 1;
}

}  // namespace gatepost::cli
