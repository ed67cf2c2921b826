#include "report/terminal.h"

#include <algorithm>
#include <fmt/format.h>
#include <utf8proc.h>

#include "report/call_path.h"

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

constexpr int indent = 2;
constexpr int evidence_indent = 4;

std::string place(const Finding& f) {
  if (f.file.empty()) return "";
  std::string out = f.file;
  if (f.line) out += fmt::format(":{}", *f.line);
  if (f.line && f.column) out += fmt::format(":{}", *f.column);
  return out + ": ";
}

// What the finding is about: a rule, or a webhook and its configuration.
std::string headline(const Finding& f) {
  if (!f.rule.empty()) return f.rule + (f.message.empty() ? "" : ": " + f.message);
  if (f.webhook.empty()) return f.message.empty() ? f.cause : f.message;
  return f.webhook + (f.configuration.empty() ? "" : " (" + f.configuration + ")");
}

// "cause      text wrapped behind it".
std::string labelled(std::string_view label, std::string_view text, const Style& style) {
  constexpr int column = indent + 7;
  if (text.empty()) return "";
  std::string head = std::string(indent, ' ') + std::string(label);
  head.resize(column, ' ');
  return paint(head, Ink::dim, style) + wrap(printable(text), column, style.width).substr(column);
}

std::string value_text(const Fact& fact) {
  if (const auto* list = std::get_if<std::vector<std::string>>(&fact.value))
    return fmt::format("{}", fmt::join(*list, ", "));
  if (const auto* yes = std::get_if<bool>(&fact.value)) return *yes ? "yes" : "no";
  if (const auto* number = std::get_if<std::int64_t>(&fact.value)) return fmt::format("{}", *number);
  if (const auto* real = std::get_if<double>(&fact.value)) return fmt::format("{}", *real);
  return std::get<std::string>(fact.value);
}

std::string impact_text(const Facts& impact) {
  std::string out;
  for (const Fact& fact : impact) out += (out.empty() ? "" : "; ") + fact.name + " " + value_text(fact);
  return out;
}

// A mark, then the detail with its further lines under it.
std::string evidence_line(const Evidence& one, const Style& style) {
  const char* mark = !one.ok ? "?" : *one.ok ? "+" : "-";
  const Ink ink = !one.ok ? Ink::dim : *one.ok ? Ink::green : Ink::red;
  std::string body = wrap(printable(one.check + ": " + one.detail), evidence_indent, style.width);
  return std::string(indent, ' ') + paint(mark, ink, style) + body.substr(indent + 1);
}

}  // namespace

std::string render_lines(const Report& report, const Style& style) {
  using State = WebhookLine::State;
  int widest = 0;
  for (const WebhookLine& line : report.webhooks)
    widest = std::max(widest, display_width(printable(line.context + line.webhook)) + (line.context.empty() ? 0 : 2));
  widest = std::min(widest, style.width / 2);
  std::string out;
  for (const WebhookLine& line : report.webhooks) {
    const Ink ink = line.state == State::healthy ? Ink::green : line.state == State::unhealthy ? Ink::red : Ink::yellow;
    std::string name = printable(line.context.empty() ? line.webhook : line.context + ": " + line.webhook);
    if (const int columns = display_width(name); columns < widest)
      name.append(static_cast<std::size_t>(widest - columns), ' ');
    std::string what = line.root_cause.empty() ? line.cause : line.root_cause;
    if (line.state == State::healthy)
      what = line.vantage + (line.milliseconds ? fmt::format(", {:.0f} ms", *line.milliseconds) : "");
    if (line.state == State::unknown) what = line.note;
    std::string state(to_string(line.state));
    state.resize(10, ' ');
    out += paint(state, ink, style) + name + "  " + printable(what) + "\n";
  }
  return out;
}

std::string render_terminal(const Report& report, const Style& style) {
  std::string out;
  for (const Finding& f : report.findings) {
    if (!out.empty()) out += '\n';
    out += place(f) + paint(to_string(f.severity), ink_of(f.severity), style) + " " +
           paint(printable(headline(f)), Ink::bold, style) + "\n";
    if (!f.webhook.empty() && f.rule.empty()) {
      out += wrap(printable(f.message), indent, style.width);
      out += labelled("cause", f.cause + (f.tail.empty() ? "" : ": " + f.tail), style);
      out += labelled("root", f.root_cause, style);
      out += labelled("path", call_path_text(f), style);
      out += labelled("impact", impact_text(f.impact), style);
    }
    for (const Evidence& one : f.evidence) out += evidence_line(one, style);
    for (const std::string& command : f.next) out += "  $ " + printable(command) + "\n";
    if (f.fix) {
      out += labelled("fix", f.fix->summary, style);
      if (!f.fix->command.empty()) out += "  $ " + printable(f.fix->command) + "\n";
    }
  }
  return out;
}

}  // namespace gatepost::report
