// Any bytes as a kubeconfig, as two that are merged, and as what an exec plugin prints: no crash, one line for what is
// wrong.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "client/exec_plugin.h"
#include "client/kubeconfig.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatepost::client;
  const std::string text(reinterpret_cast<const char*>(data), size);
  // Paths in the text are not followed: only relative ones are let through, and nothing lies in that directory.
  if (text.find('/') != std::string::npos) return 0;
  const std::size_t half = text.find("---");
  std::vector<KubeconfigSource> sources{{text.substr(0, half), "/nonexistent", "a"}};
  if (half != std::string::npos) sources.push_back({text.substr(half + 3), "/nonexistent", "b"});
  if (auto connection = read_connection(sources, {}); !connection && connection.error().text.empty()) std::abort();
  KubeconfigFlags flags;
  flags.context = "b", flags.as = "jane", flags.request_timeout = "5s";
  (void)read_connection(sources, flags);
  ExecPlugin plugin;
  plugin.api_version = "v";
  (void)read_credential(text, plugin);
  return 0;
}
