#include "cli/terminal.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string_view>
#include <sys/ioctl.h>
#include <unistd.h>

namespace gatepost::cli {
namespace {

constexpr int narrowest = 40, widest = 120, usual = 80;

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

int columns() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  int given = 0;
  const std::string_view text = environment("COLUMNS");
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), given);
  return error == std::errc() && given > 0 ? given : usual;
}

}  // namespace

report::Style style_of(const std::string& color) {
  report::Style style;
  const bool on = color == "auto" ? isatty(STDOUT_FILENO) != 0 && environment("NO_COLOR").empty() : color == "always";
  style.color = on ? report::Color::always : report::Color::never;
  style.width = std::clamp(columns(), narrowest, widest);
  return style;
}

bool may_show_progress() {
  return isatty(STDERR_FILENO) != 0;
}

}  // namespace gatepost::cli
