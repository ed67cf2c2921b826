// Flags of a command as data: a command names where each value goes and parses once. The only unit that knows the
// command-line library is flags.cpp.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace gatepost::cli {

class Flags {
 public:
  // `usage` is the line behind "gatepost ", such as "serve [flags]"; `summary` what the command does.
  Flags(std::string usage, std::string summary);
  ~Flags();
  Flags(const Flags&) = delete;
  Flags& operator=(const Flags&) = delete;

  // `name` as typed: "--listen" or "-o,--output". The value present in the target is the default and is shown in
  // --help.
  void text(const std::string& name, std::string& target, const std::string& help);
  void number(const std::string& name, std::int64_t& target, const std::string& help);
  void toggle(const std::string& name, bool& target, const std::string& help);
  void list(const std::string& name, std::vector<std::string>& target, const std::string& help);  // may be given often
  // The same, and takes all words behind it: "--apply a b".
  void many(const std::string& name, std::vector<std::string>& target, const std::string& help);
  void choice(const std::string& name, std::string& target, const std::vector<std::string>& of,
              const std::string& help);
  // What is left when all flags are read.
  void rest(const std::string& name, std::vector<std::string>& target, const std::string& help);

  // Reads the arguments behind the command's name. A value means that the program is to end with that exit code: 0
  // after
  // --help, 2 after a mistake, which was told in one line on stderr.
  std::optional<int> parse(std::span<const std::string> arguments);

 private:
  struct Impl;
  Impl* impl_;
};

}  // namespace gatepost::cli
