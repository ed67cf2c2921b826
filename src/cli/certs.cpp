#include <fmt/format.h>
#include <iostream>

#include "base/base64.h"
#include "base/files.h"
#include "cli/cluster_flags.h"
#include "cli/commands.h"
#include "cli/refuse.h"
#include "formats/go_duration.h"
#include "json/indent.h"
#include "json/parse.h"
#include "json/write.h"
#include "net/loop.h"
#include "remedy/apply.h"
#include "remedy/backup.h"
#include "remedy/inspect.h"
#include "remedy/issue.h"
#include "remedy/issue_plan.h"
#include "remedy/render.h"

namespace gatepost::cli {
namespace {

using namespace gatepost::remedy;

constexpr Refuse refuse{"certs"};

void print(const std::vector<Inspected>& all, const std::string& output) {
  if (output == "json") {
    std::cout << json::indent(json::write(inspected_json(all))) << "\n";
    return;
  }
  for (const Inspected& one : all) std::cout << inspected_text(one);
}

int inspect(std::span<const std::string> arguments) {
  gatepost::client::KubeconfigFlags connection;
  std::vector<std::string> sources;
  std::string output = "text", name;
  Flags flags("certs inspect SOURCE... [flags]",
              "Tells what certificates are in files, Secrets, caBundles, or served.");
  flags.rest("source", sources,
             "a PEM file, -, HOST:PORT, secret/NAMESPACE/NAME, or validatingwebhookconfiguration/NAME (mutating...)");
  flags.text("--name", name, "the server name that a certificate must be good for: hook.sys.svc");
  flags.choice("-o,--output", output, {"text", "json"}, "form of the report");
  add_cluster_flags(flags, connection);
  if (auto exit = flags.parse(arguments)) return *exit;
  if (sources.empty()) return refuse(2, "name a file, HOST:PORT, secret/NAMESPACE/NAME or a webhook configuration");
  net::Loop loop;  // outlives the client, whose connections close on it
  std::optional<gatepost::client::Rest> rest;
  std::vector<Inspected> all;
  bool wrong = false;
  const WallTime now = std::chrono::system_clock::now();
  for (const std::string& source : sources) {
    const SourceKind kind = kind_of_source(source);
    if (kind == SourceKind::cluster && !rest) {
      auto loaded = gatepost::client::load_connection(connection);
      if (!loaded) return refuse(2, loaded.error().text);
      auto made = gatepost::client::Rest::make(std::move(*loaded));
      if (!made) return refuse(2, made.error().text);
      rest = std::move(*made);
    }
    auto found = kind == SourceKind::file      ? inspect_file(source)
                 : kind == SourceKind::address ? loop.run(inspect_address(source, name))
                                               : loop.run(inspect_object(&*rest, source));
    if (!found) return refuse(kind == SourceKind::file ? 2 : 3, found.error().text);
    for (Inspected& one : *found) {
      judge(one, name, now);
      wrong = wrong || !one.problems.empty();
      all.push_back(std::move(one));
    }
  }
  print(all, output);
  return wrong ? 1 : 0;
}

struct IssueFlags {
  gatepost::client::KubeconfigFlags connection;
  std::string service, secret, out, output = "text", lifetime = "8760h", directory = default_directory(), wait = "2m";
  std::vector<std::string> names;
  bool apply = false, yes = false;
};

int write_files(const IssueFlags& flags, const ServingCertificate& made) {
  if (auto folder = files::make_directory(flags.out); !folder) return refuse(2, folder.error().text);
  const std::pair<const char*, const std::string*> all[] = {
      {"ca.crt", &made.ca_pem}, {"tls.crt", &made.certificate_pem}, {"tls.key", &made.key_pem}};
  for (const auto& [file, bytes] : all)
    if (auto written = files::write_private(flags.out + "/" + file, *bytes); !written)
      return refuse(2, written.error().text);
  std::cout << "ca.crt, tls.crt and tls.key are in " << flags.out << "\n"
            << "caBundle: " << base64::encode(made.ca_pem) << "\n";
  return 0;
}

int into_cluster(const IssueFlags& flags, IssueIntoCluster wanted) {
  auto wait = formats::parse_go_duration(flags.wait);
  if (!wait) return refuse(2, "--wait: " + wait.error().text);
  auto loaded = gatepost::client::load_connection(flags.connection);
  if (!loaded) return refuse(2, loaded.error().text);
  net::Loop loop;  // outlives the client, whose connections close on it
  auto rest = gatepost::client::Rest::make(std::move(*loaded));
  if (!rest) return refuse(2, rest.error().text);
  const WallTime now = wanted.now;
  auto plan = loop.run(issue_plan(&*rest, std::move(wanted)));
  if (!plan) return refuse(3, plan.error().text);
  report::Report report;
  report.command = "certs";
  const bool text = flags.output == "text";
  if (text) std::cout << plan_text(*plan, {});
  if (!flags.apply) {
    if (!text) std::cout << fix_json(report, *plan, nullptr);
    if (text) std::cout << "Nothing was written. To carry it out: the same command with --apply\n";
    return 1;
  }
  ApplyOptions options;
  options.backup_directory = flags.directory;
  options.now = now;
  options.wait = std::chrono::duration_cast<std::chrono::milliseconds>(*wait);
  if (text) options.tell = [](const std::string& line) { std::cout << report::printable(line) << std::endl; };
  Api api(*rest);
  const ApplyResult result = loop.run(apply_plan(&api, *plan, std::move(options)));
  if (text)
    std::cout << result_text(result, {});
  else
    std::cout << fix_json(report, *plan, &result);
  if (result.stop != ApplyResult::Stop::none)
    return refuse(result.stop == ApplyResult::Stop::no_backup ? 2 : 3,
                  "nothing was written: " + result.reasons.front());
  for (const RepairResult& repair : result.repairs)
    if (repair.outcome != RepairResult::Outcome::verified) return 1;
  return 0;
}

int issue(std::span<const std::string> arguments) {
  IssueFlags flags;
  Flags parser("certs issue [flags]", "Makes an own CA and a serving certificate for a webhook's Service.");
  parser.text("--service", flags.service, "NAMESPACE/NAME: its names go into the certificate");
  parser.list("--name", flags.names, "a further name or address; may be given often");
  parser.text("--lifetime", flags.lifetime, "how long it is valid");
  parser.text("--out", flags.out, "directory that ca.crt, tls.crt and tls.key are written to (mode 0600)");
  parser.text("--secret", flags.secret,
              "name of the Secret of the Service's namespace that they go into, and into caBundle of the webhooks that "
              "call it");
  parser.toggle("--apply", flags.apply, "write the Secret and caBundle; without it the plan is shown");
  parser.toggle("--yes", flags.yes, "taken for the sake of scripts");
  parser.text("--backup-dir", flags.directory, "where backups are kept");
  parser.text("--wait", flags.wait, "time to wait for the backend's restart");
  parser.choice("-o,--output", flags.output, {"text", "json"}, "form of the report");
  add_cluster_flags(parser, flags.connection);
  if (auto exit = parser.parse(arguments)) return *exit;
  auto lifetime = formats::parse_go_duration(flags.lifetime);
  if (!lifetime || lifetime->count() <= 0) return refuse(2, "--lifetime: not a time such as 8760h");
  const std::size_t slash = flags.service.find('/');
  if (!flags.service.empty() && (slash == std::string::npos || slash == 0 || slash + 1 == flags.service.size()))
    return refuse(2, "--service: NAMESPACE/NAME, not " + flags.service);
  if (flags.service.empty() && flags.names.empty()) return refuse(2, "--service NAMESPACE/NAME or --name is needed");
  if (flags.out.empty() == flags.secret.empty()) return refuse(2, "either --out DIRECTORY or --secret NAME");
  if (!flags.secret.empty() && flags.service.empty()) return refuse(2, "--secret needs --service");
  IssueIntoCluster wanted;
  wanted.now = std::chrono::system_clock::now();
  wanted.lifetime = std::chrono::duration_cast<std::chrono::hours>(*lifetime);
  wanted.secret = flags.secret;
  if (!flags.service.empty()) {
    wanted.ns = flags.service.substr(0, slash);
    wanted.service = flags.service.substr(slash + 1);
  }
  wanted.names = flags.names;
  if (!flags.secret.empty()) return into_cluster(flags, std::move(wanted));
  auto made = issue_serving({.names = names_for(wanted), .lifetime = wanted.lifetime, .now = wanted.now});
  if (!made) return refuse(2, made.error().text);
  return write_files(flags, *made);
}

}  // namespace

int certs(std::span<const std::string> arguments) {
  const std::string word = arguments.empty() ? "" : arguments.front();
  if (word == "inspect") return inspect(arguments.subspan(1));
  if (word == "issue") return issue(arguments.subspan(1));
  if (word == "--help" || word == "-h") {
    std::cout << "gatepost certs inspect SOURCE...   what certificates are in files, Secrets, caBundles, or served\n"
                 "gatepost certs issue ...           an own CA and a serving certificate for a webhook's Service\n";
    return 0;
  }
  return refuse(2, word.empty() ? "inspect or issue?" : word + " is neither inspect nor issue");
}

}  // namespace gatepost::cli
