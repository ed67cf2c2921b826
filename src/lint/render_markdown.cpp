#include "lint/render_markdown.h"

#include <fmt/format.h>

#include "report/terminal.h"

namespace gatepost::lint {
namespace {

// Outside text as it reads, in a cell of a table.
std::string cell(std::string_view text) {
  std::string out;
  for (char c : report::printable(text)) {
    if (std::string_view("\\`*_{}[]<>#|").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

std::string render_markdown(const LintResult& result) {
  std::string out = "# Admission webhooks linted\n\n";
  if (result.findings.empty()) return out + "Nothing found.\n";
  out += "| severity | rule | where | what | fix |\n| --- | --- | --- | --- | --- |\n";
  for (const LintFinding& one : result.findings) {
    const report::Finding& finding = one.finding;
    std::string where = finding.file;
    if (finding.line) where += fmt::format(":{}", *finding.line);
    out += fmt::format("| {} | {} | {} | {}{} | {} |\n", to_string(finding.severity), finding.rule, cell(where),
                       cell(finding.message), finding.webhook.empty() ? "" : " (" + cell(finding.webhook) + ")",
                       finding.fix ? cell(finding.fix->summary) : "");
  }
  return out;
}

}  // namespace gatepost::lint
