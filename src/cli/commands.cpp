#include "cli/commands.h"

#include <cstdio>

namespace gatepost::cli {

std::span<const Command> commands() {
  static constexpr Command table[] = {
      {"serve", "an API server with the real admission call path, for a stock kubectl", serve},
      {"backend", "a webhook backend that misbehaves on purpose", backend},
      {"cel", "evaluates a CEL expression as the API server does", cel},
      {"diagnose", "the root cause of failing webhooks, from the cluster itself", diagnose},
      {"envtest-assets", "a directory for KUBEBUILDER_ASSETS: existing test suites run on this server", envtest_assets},
      {"explain", "reads an error or a log and names the cause", explain},
      {"fix", "repairs failing webhooks by a plan, with backup, proof and a way back", fix},
      {"restore", "undoes a repair from its backup, or finishes one that was cut off", restore},
      {"break-glass", "opens a webhook at once, with a backup", break_glass},
      {"certs", "inspects certificates, and issues them for a webhook's Service", certs},
      {"lint", "holds webhook configurations against the catalogue of good practices", lint},
      {"rehearse", "plays outages of webhook backends in a simulated cluster: does it come back?", rehearse},
      {"snapshot", "what a rehearsal needs of a cluster, in one file without secrets", snapshot},
      {"version", "the program's version", version},
  };
  return table;
}

int version(std::span<const std::string>) {
  std::puts("gatepost " GATEPOST_VERSION);
  return 0;
}

}  // namespace gatepost::cli
