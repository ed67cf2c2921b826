#include "cli/flags.h"

#include <CLI/CLI.hpp>
#include <cstdio>

namespace gatepost::cli {

struct Flags::Impl {
  CLI::App app;
  std::string command;
};

Flags::Flags(std::string usage, std::string summary) : impl_(new Impl) {
  impl_->app.description(std::move(summary));
  impl_->command = usage.substr(0, usage.find(' '));
  impl_->app.name("gatepost " + impl_->command);
  impl_->app.get_formatter()->column_width(36);
}

Flags::~Flags() {
  delete impl_;
}

void Flags::text(const std::string& name, std::string& target, const std::string& help) {
  auto* option = impl_->app.add_option(name, target, help);
  if (!target.empty()) option->capture_default_str();
}

void Flags::number(const std::string& name, std::int64_t& target, const std::string& help) {
  impl_->app.add_option(name, target, help)->capture_default_str();
}

void Flags::toggle(const std::string& name, bool& target, const std::string& help) {
  impl_->app.add_flag(name, target, help);
}

void Flags::list(const std::string& name, std::vector<std::string>& target, const std::string& help) {
  impl_->app.add_option(name, target, help)->allow_extra_args(false)->take_all();
}

void Flags::many(const std::string& name, std::vector<std::string>& target, const std::string& help) {
  impl_->app.add_option(name, target, help)->allow_extra_args()->take_all();
}

void Flags::choice(const std::string& name, std::string& target, const std::vector<std::string>& of,
                   const std::string& help) {
  impl_->app.add_option(name, target, help)->check(CLI::IsMember(of))->capture_default_str();
}

void Flags::rest(const std::string& name, std::vector<std::string>& target, const std::string& help) {
  impl_->app.add_option(name, target, help);
}

std::optional<int> Flags::parse(std::span<const std::string> arguments) {
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  try {
    impl_->app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    std::fputs(impl_->app.help().c_str(), stdout);
    return 0;
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "gatepost %s: %s (see gatepost %s --help)\n", impl_->command.c_str(), error.what(),
                 impl_->command.c_str());
    return 2;
  }
  return std::nullopt;
}

}  // namespace gatepost::cli
