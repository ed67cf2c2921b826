#include <cstdio>

#include "cli/commands.h"
#include "cli/flags.h"
#include "envtest/assets.h"

namespace gatepost::cli {

int envtest_assets(std::span<const std::string> arguments) {
  std::vector<std::string> directories;
  Flags flags(
      "envtest-assets DIR",
      "Writes a directory for KUBEBUILDER_ASSETS: etcd, kube-apiserver and kubectl, all played by this program. "
      "Existing test suites of controller-runtime run on it unchanged.");
  flags.rest("DIR", directories, "the directory; it is made when it is missing");
  if (auto exit = flags.parse(arguments)) return *exit;
  if (directories.size() != 1) {
    std::fputs("gatepost envtest-assets: one directory is needed (see gatepost envtest-assets --help)\n", stderr);
    return 2;
  }
  if (auto written = envtest::write_assets(directories.front()); !written) {
    std::fprintf(stderr, "gatepost envtest-assets: %s\n", written.error().text.c_str());
    return 2;
  }
  std::printf("export KUBEBUILDER_ASSETS=%s\n", envtest::absolute_path(directories.front()).c_str());
  return 0;
}

}  // namespace gatepost::cli
