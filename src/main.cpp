// argv -> command table -> exit code: 0 nothing found, 1 findings, 2 wrong input or use, 3 the cluster refused us.
#include <cstdio>
#include <string_view>
#include <vector>

#include "cli/commands.h"
#include "envtest/assets.h"

namespace {

void print_usage(std::FILE* to) {
  std::fputs("Usage: gatepost COMMAND [flags]\n\nCommands:\n", to);
  for (const auto& command : gatepost::cli::commands()) std::fprintf(to, "  %-12s %s\n", command.name, command.summary);
  std::fputs("\ngatepost COMMAND --help tells a command's flags.\n", to);
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  if (argc > 0)
    if (auto code = gatepost::envtest::play_part(argv[0], arguments)) return *code;
  if (arguments.empty() || arguments[0] == "--help" || arguments[0] == "-h" || arguments[0] == "help") {
    print_usage(arguments.empty() ? stderr : stdout);
    return arguments.empty() ? 2 : 0;
  }
  if (arguments[0] == "--version") arguments[0] = "version";
  for (const auto& command : gatepost::cli::commands())
    if (arguments[0] == command.name) return command.run(std::span(arguments).subspan(1));
  std::fprintf(stderr, "gatepost: there is no command %s (gatepost --help lists them)\n", arguments[0].c_str());
  return 2;
}
