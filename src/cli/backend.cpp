#include <csignal>
#include <cstdio>

#include "backend/serve.h"
#include "cli/commands.h"
#include "cli/flags.h"
#include "net/loop.h"

namespace gatepost::cli {
namespace {

net::Task<void> until_signalled() {
  (void)co_await net::wait_for_signal({SIGTERM, SIGINT});
}

int list_faults() {
  for (const gatepost::backend::Fault& fault : gatepost::backend::faults())
    std::printf("%-18s %s\n", std::string(fault.name).c_str(), std::string(fault.summary).c_str());
  return 0;
}

}  // namespace

int backend(std::span<const std::string> arguments) {
  gatepost::backend::BackendOptions options;
  std::string fault = "none";
  Flags flags("backend [flags]", "Serves a webhook backend that misbehaves on purpose.");
  flags.text("--listen", options.listen, "address and port; port 0 takes a free one");
  flags.text("--fault", fault, "what it does wrong: a name of `--fault list`, such as expired, slow=5s or deny=TEXT");
  flags.text("--path", options.path, "the only path that is served; all others answer 404");
  flags.list("--name", options.names, "a further name or address of the certificate; may be given often");
  flags.text("--ca-out", options.ca_out, "where the CA's certificate is written");
  flags.text("--webhook-out", options.webhook_out, "where a webhook configuration that calls this backend is written");
  if (auto exit = flags.parse(arguments)) return *exit;
  if (fault == "list") return list_faults();
  auto chosen = gatepost::backend::choose_fault(fault);
  if (!chosen) {
    std::fprintf(stderr, "gatepost backend: %s\n", chosen.error().text.c_str());
    return 2;
  }
  options.fault = std::move(*chosen);
  std::signal(SIGPIPE, SIG_IGN);
  net::Loop loop;
  auto ready = [&](const std::string& url) {
    std::printf("ready %s fault %s\n", url.c_str(), fault.c_str());
    std::fflush(stdout);
  };
  auto served = loop.run(gatepost::backend::serve(std::move(options), until_signalled(), ready));
  if (!served) {
    std::fprintf(stderr, "gatepost backend: %s\n", served.error().text.c_str());
    return 2;
  }
  return 0;
}

}  // namespace gatepost::cli
