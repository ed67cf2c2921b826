// Any bytes as a kubeconfig, as two that are merged, and as what an exec plugin
// prints: read, or refused in one line. No file of this machine is read
// whatever path the bytes name: while the text is read, no file can be opened.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <sys/resource.h>
#include <vector>

#include "client/exec_plugin.h"
#include "client/kubeconfig.h"

namespace {

using namespace gatepost::client;

class NoFiles {
 public:
  NoFiles() {
    getrlimit(RLIMIT_NOFILE, &before_);
    rlimit none{0, before_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoFiles() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

void read_everything(const std::string& text) {
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
}

}  // namespace

// UBSan opens files of its own when it meets a type for the first time, so the types are met before files are cut off.
extern "C" int LLVMFuzzerInitialize(int*, char***) {
  read_everything("{\"users\":[{\"name\":\"a\",\"user\":{\"token\":\"t\"}}]}\n---\n{}");
  read_everything("");
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  NoFiles guard;
  read_everything(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
