// Command lines as Go programs of Kubernetes take them (spf13/pflag): --name=value, --name value, --switch,
// --switch=false, -v=2. Which flags there are is a table in data/envtest/.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gatepost::envtest {

enum class Takes { value, nothing };  // a flag that takes nothing may still be given "=false"
enum class Effect { used, quiet, none };

struct FlagSpec {
  std::string_view name;
  Takes takes = Takes::value;
  Effect effect = Effect::none;
  std::string_view help;
};

// Reads a table of data/envtest/; its lines are the program's own and well formed.
std::vector<FlagSpec> read_flag_table(std::string_view text);

class GoFlags {
 public:
  // The error has pflag's words: "unknown flag: --x", "flag needs an argument: --x".
  static Result<GoFlags> parse(const std::vector<FlagSpec>& table, std::span<const std::string> arguments);

  bool has(std::string_view name) const;
  std::string_view get(std::string_view name) const;  // the last one given; empty: none
  // All values of a flag that may be given often, or as one list with commas.
  std::vector<std::string> list(std::string_view name) const;
  // Given and not "=false".
  bool on(std::string_view name) const;
  // Names of the flags given that have no effect here.
  std::vector<std::string_view> without_effect() const;

 private:
  struct Given {
    const FlagSpec* spec;
    std::string value;
  };
  std::vector<Given> given_;
};

// One line a flag, as `--help` of such a program prints them ("      --name value   help").
std::string flag_help(const std::vector<FlagSpec>& table);

}  // namespace gatepost::envtest
