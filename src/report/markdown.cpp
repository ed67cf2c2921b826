#include "report/markdown.h"

#include <fmt/format.h>

#include "report/call_path.h"
#include "report/terminal.h"

namespace gatepost::report {
namespace {

// Outside text as it reads: marks of Markdown and HTML lose their meaning, lines become one.
std::string escaped(std::string_view text) {
  std::string out;
  for (char c : printable(text)) {
    if (std::string_view("\\`*_{}[]<>#|").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

void item(std::string& out, std::string_view label, std::string_view value) {
  if (!value.empty()) out += fmt::format("- **{}** {}\n", label, escaped(value));
}

void commands(std::string& out, const std::vector<std::string>& lines) {
  if (lines.empty()) return;
  out += "\n";
  for (const std::string& line : lines) out += "    " + printable(line) + "\n";
}

void print(std::string& out, const Finding& f) {
  out += fmt::format("\n## {}: {}\n\n", to_string(f.severity), escaped(f.webhook.empty() ? f.cause : f.webhook));
  if (!f.message.empty()) out += escaped(f.message) + "\n\n";
  item(out, "configuration", f.configuration);
  item(out, "service", f.service);
  item(out, "cause", f.cause);
  item(out, "root cause", f.root_cause);
  item(out, "path", call_path_text(f));
  item(out, "error", f.tail);
  for (const Evidence& one : f.evidence)
    out += fmt::format("- {} {}: {}\n",
                       !one.ok   ? "?"
                       : *one.ok ? "ok"
                                 : "**not ok**",
                       escaped(one.check), escaped(one.detail));
  commands(out, f.next);
  if (!f.fix) return;
  out += "\n**Fix** " + escaped(f.fix->summary) + "\n";
  if (!f.fix->command.empty()) commands(out, {f.fix->command});
}

}  // namespace

std::string render_markdown(const Report& report, std::string_view title) {
  std::string out = fmt::format("# {}\n", escaped(title));
  if (report.findings.empty()) out += "\nNothing found.\n";
  if (!report.webhooks.empty()) out += "\n| state | webhook | configuration | cause |\n| --- | --- | --- | --- |\n";
  for (const WebhookLine& line : report.webhooks)
    out += fmt::format("| {} | {} | {} | {} |\n", to_string(line.state),
                       escaped(line.context.empty() ? line.webhook : line.context + ": " + line.webhook),
                       escaped(line.configuration),
                       escaped(!line.root_cause.empty() ? line.root_cause
                               : !line.cause.empty()    ? line.cause
                                                        : line.note));
  for (const Finding& finding : report.findings) print(out, finding);
  return out;
}

}  // namespace gatepost::report
