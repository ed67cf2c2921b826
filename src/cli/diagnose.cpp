#include "diagnose/diagnose.h"

#include <iostream>
#include <iterator>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/flags.h"
#include "explain/grammar.h"
#include "net/loop.h"
#include "report/json.h"
#include "report/terminal.h"

namespace gatepost::cli {
namespace {

// The webhooks that an error's text names.
std::vector<std::string> webhooks_of(const std::string& text) {
  std::vector<std::string> names;
  for (const auto& error : gatepost::explain::read_text(text))
    if (!error.webhook.empty()) names.push_back(error.webhook);
  return names;
}

int refuse(int code, const std::string& text) {
  std::cerr << "gatepost diagnose: " << text << "\n";
  return code;
}

}  // namespace

int diagnose(std::span<const std::string> arguments) {
  gatepost::client::KubeconfigFlags connection;
  gatepost::diagnose::DiagnoseOptions options;
  std::string output = "text", error;
  Flags flags("diagnose [NAME...] [flags]", "Names the root cause of failing webhooks, with the evidence.");
  flags.rest("name", options.names, "configurations or webhooks; none: all");
  flags.text("--error", error, "an error's text, or - for standard input: its webhook is diagnosed");
  flags.choice("-o,--output", output, {"text", "json"}, "form of the report");
  flags.text("--kubeconfig", connection.kubeconfig, "path of the kubeconfig");
  flags.text("--context", connection.context, "context of the kubeconfig");
  flags.text("--cluster", connection.cluster, "cluster of the kubeconfig");
  flags.text("--user", connection.user, "user of the kubeconfig");
  flags.text("-n,--namespace", connection.ns, "namespace");
  if (auto exit = flags.parse(arguments)) return *exit;
  if (error == "-") error.assign(std::istreambuf_iterator<char>(std::cin), {});
  if (!error.empty()) {
    auto names = webhooks_of(error);
    if (names.empty()) return refuse(2, "the text names no webhook (gatepost explain reads any text)");
    options.names.insert(options.names.end(), names.begin(), names.end());
  }
  auto loaded = gatepost::client::load_connection(connection);
  if (!loaded) return refuse(2, loaded.error().text);
  net::Loop loop;  // outlives the client, whose connections close on it
  auto rest = gatepost::client::Rest::make(std::move(*loaded));
  if (!rest) return refuse(2, rest.error().text);
  auto report = loop.run(gatepost::diagnose::diagnose(*rest, std::move(options)));
  if (!report) return refuse(3, report.error().text);
  if (output == "json") {
    std::cout << report::render_json(*report);
  } else if (report->findings.empty()) {
    std::cout << "All webhooks are healthy as far as can be seen.\n";
  } else {
    report::Style style;
    if (isatty(STDOUT_FILENO)) style.color = report::Color::always;
    std::cout << report::render_terminal(*report, style);
  }
  return report->findings.empty() ? 0 : 1;
}

}  // namespace gatepost::cli
