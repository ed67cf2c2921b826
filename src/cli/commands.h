// The commands of the program, each in a file of its own name.
#pragma once

#include <span>
#include <string>

namespace gatepost::cli {

// The arguments behind the command's name; the result is the program's exit code.
using Run = int (*)(std::span<const std::string> arguments);

struct Command {
  const char* name;
  const char* summary;
  Run run;
};

std::span<const Command> commands();

int backend(std::span<const std::string> arguments);
int break_glass(std::span<const std::string> arguments);
int cel(std::span<const std::string> arguments);
int certs(std::span<const std::string> arguments);
int diagnose(std::span<const std::string> arguments);
int envtest_assets(std::span<const std::string> arguments);
int explain(std::span<const std::string> arguments);
int fix(std::span<const std::string> arguments);
int lint(std::span<const std::string> arguments);
int restore(std::span<const std::string> arguments);
int rehearse(std::span<const std::string> arguments);
int serve(std::span<const std::string> arguments);
int snapshot(std::span<const std::string> arguments);
int version(std::span<const std::string> arguments);

}  // namespace gatepost::cli
