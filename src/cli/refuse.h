// How a command that cannot go on ends: one line on the error stream, and its exit code.
#pragma once

#include <string>

namespace gatepost::cli {

struct Refuse {
  const char* command;
  // Prints "gatepost <command>: <text>" and gives `code` back.
  int operator()(int code, const std::string& text) const;
};

}  // namespace gatepost::cli
