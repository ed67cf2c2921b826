#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "apiserver/server.h"
#include "cli/commands.h"
#include "cli/flags.h"
#include "net/loop.h"
#include "simulate/live.h"

namespace gatepost::cli {
namespace {

// Where data is kept when nothing is said: the user's data directory (XDG base directory specification).
std::string default_data() {
  if (const char* data_home = std::getenv("XDG_DATA_HOME"); data_home && *data_home)
    return std::string(data_home) + "/gatepost";
  if (const char* home = std::getenv("HOME"); home && *home) return std::string(home) + "/.local/share/gatepost";
  return ":memory:";
}

net::Task<void> until_signalled() {
  (void)co_await net::wait_for_signal({SIGTERM, SIGINT});
}

}  // namespace

int serve(std::span<const std::string> arguments) {
  apiserver::ServerOptions options;
  options.data = default_data();
  std::string durability = "full";
  Flags flags("serve [flags]", "Serves the Kubernetes API with the real admission webhook call path.");
  flags.text("--listen", options.listen, "address and port; port 0 takes a free one");
  flags.text("--data", options.data, "directory of the store, :memory:, or etcd://HOST:PORT[,HOST:PORT...]");
  flags.choice("--durability", durability, {"full", "relaxed"},
               "when a write is acknowledged: after the sync (survives power loss), or when the system has it "
               "(survives a kill)");
  flags.text("--kubeconfig-out", options.kubeconfig_out, "where the administrator's kubeconfig is written");
  flags.text("--token-auth-file", options.token_auth_file, "bearer tokens: token,user,uid,\"group1,group2\" a line");
  flags.text("--audit-log", options.audit_log, "where requests are recorded (audit.k8s.io/v1); - is standard output");
  flags.text("--audit-policy", options.audit_policy,
             "what is recorded of them (kind Policy); without it the metadata of every request");
  flags.text("--advertise-address", options.advertise_address,
             "IP address by which others reach this server; without it the one it listens at");
  flags.many("--apply", options.apply, "manifests that are there before the server is ready: files or folders");
  flags.list("--from-webhooks", options.from_webhooks,
             "webhook configurations (and definitions with conversion webhooks) that are made to point to "
             "--webhook-address instead of a Service: a file or a folder");
  flags.text("--webhook-address", options.webhook_address,
             "where your webhooks listen; port 0 picks a free one for them");
  flags.text("--webhook-certificates", options.webhook_certificates,
             "folder for their tls.crt and tls.key, which are made when they are missing; without it beside the "
             "kubeconfig");
  bool simulate = false;
  flags.toggle("--simulate", simulate,
               "runs the controllers, the scheduler and the nodes of a cluster, so that workloads get pods");
  if (auto exit = flags.parse(arguments)) return *exit;
  if (simulate) gatepost::simulate::simulate_cluster(options);
  options.durability = durability == "full" ? storage::Durability::full : storage::Durability::relaxed;

  // A client that goes away while it is written to must not end the server.
  std::signal(SIGPIPE, SIG_IGN);
  net::Loop loop;
  auto ready = [](const apiserver::Ready& told) {
    std::printf("ready %s kubeconfig %s\n", told.url.c_str(), told.kubeconfig.c_str());
    if (!told.webhook_url.empty())
      std::printf("webhooks %s certificates %s\n", told.webhook_url.c_str(), told.webhook_certificates.c_str());
    std::fflush(stdout);
  };
  auto served = loop.run(apiserver::serve(std::move(options), until_signalled(), ready));
  if (!served) {
    std::fprintf(stderr, "gatepost serve: %s\n", served.error().text.c_str());
    return 2;
  }
  return 0;
}

}  // namespace gatepost::cli
