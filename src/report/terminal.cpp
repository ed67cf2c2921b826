#include "report/terminal.h"

#include <algorithm>
#include <fmt/format.h>
#include <utf8proc.h>

namespace gatepost::report {

std::string paint(std::string_view text, Ink ink, const Style& style) {
  if (style.color == Color::never || ink == Ink::plain) return std::string(text);
  static constexpr const char* codes[] = {"0", "1", "2", "31;1", "33", "32", "36"};
  return fmt::format("\x1b[{}m{}\x1b[0m", codes[static_cast<int>(ink)], text);
}

Ink ink_of(Severity severity) {
  switch (severity) {
    case Severity::error:
      return Ink::red;
    case Severity::warning:
      return Ink::yellow;
    case Severity::info:
      return Ink::cyan;
  }
  return Ink::plain;
}

int display_width(std::string_view text) {
  int width = 0;
  const auto* at = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  auto left = static_cast<utf8proc_ssize_t>(text.size());
  while (left > 0) {
    utf8proc_int32_t code = 0;
    const utf8proc_ssize_t used = std::max<utf8proc_ssize_t>(1, utf8proc_iterate(at, left, &code));
    width += code >= 0 ? utf8proc_charwidth(code) : 1;
    at += used, left -= used;
  }
  return width;
}

std::string wrap(std::string_view text, int indent, int width) {
  std::string out;
  const std::string margin(static_cast<std::size_t>(indent), ' ');
  int used = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == ' ' || text[at] == '\n') {
      ++at;
      continue;
    }
    const std::size_t end = std::min(text.find_first_of(" \n", at), text.size());
    const std::string_view word = text.substr(at, end - at);
    const int columns = display_width(word);
    if (used > 0 && indent + used + 1 + columns > width) out += '\n', used = 0;
    out += used > 0 ? " " : margin;
    out += word;
    used += columns + (used > 0 ? 1 : 0);
    at = end;
  }
  if (used > 0) out += '\n';
  return out;
}

std::string sparkline(const std::vector<std::int64_t>& counts, std::size_t columns) {
  if (counts.empty() || columns == 0) return "";
  static constexpr const char* blocks[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  std::vector<std::int64_t> sums(std::min(columns, counts.size()), 0);
  for (std::size_t i = 0; i < counts.size(); ++i) sums[i * sums.size() / counts.size()] += counts[i];
  const std::int64_t most = std::max<std::int64_t>(1, *std::max_element(sums.begin(), sums.end()));
  std::string out;
  for (std::int64_t sum : sums) out += blocks[sum == 0 ? 0 : 1 + (sum * 7) / most];
  return out;
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char c : text) {
    if (c == '\n' || c == '\t')
      out += ' ';
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    else
      out += c;
  }
  return out;
}

namespace {

std::string headline(const Finding& f) {
  if (!f.message.empty()) return f.message;
  std::string out = f.rule.empty() ? f.cause : f.rule;
  if (!f.root_cause.empty()) out += " (" + f.root_cause + ")";
  if (!f.webhook.empty()) out += ": " + f.webhook;
  if (!f.tail.empty()) out += ": " + f.tail;
  return out;
}

std::string place(const Finding& f) {
  if (f.file.empty()) return "";
  std::string out = f.file;
  if (f.line) out += fmt::format(":{}", *f.line);
  if (f.line && f.column) out += fmt::format(":{}", *f.column);
  return out + ": ";
}

}  // namespace

std::string render_terminal(const Report& report, const Style& style) {
  std::string out;
  for (const Finding& f : report.findings) {
    if (!out.empty()) out += '\n';
    out += place(f) + paint(to_string(f.severity), ink_of(f.severity), style) + " " + printable(headline(f)) + "\n";
    for (const Evidence& one : f.evidence) {
      const char* mark = !one.ok ? "?" : *one.ok ? "+" : "-";
      out += fmt::format("  {} {}: {}\n", mark, printable(one.check), printable(one.detail));
    }
    for (const std::string& command : f.next) out += "  $ " + printable(command) + "\n";
    if (f.fix) {
      out += paint("  fix ", Ink::green, style) + printable(f.fix->summary) + "\n";
      if (!f.fix->command.empty()) out += "  $ " + printable(f.fix->command) + "\n";
    }
  }
  return out;
}

}  // namespace gatepost::report
