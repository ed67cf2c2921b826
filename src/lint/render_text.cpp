#include "lint/render_text.h"

#include <algorithm>
#include <fmt/format.h>

namespace gatepost::lint {
namespace {

constexpr std::size_t longest_snippet = 160;  // bytes of a line that are shown

std::string_view line_at(std::string_view text, std::uint32_t offset) {
  const std::size_t at = std::min<std::size_t>(offset, text.size());
  const std::size_t before = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
  return text.substr(begin, std::min(text.find('\n', begin), text.size()) - begin);
}

// The number, the line, and a line of carets below the field.
std::string snippet(const LintFinding& one, const report::Style& style) {
  if (!one.file || one.place.line == 0) return "";
  const bool in_template = one.place.end == 0;
  std::uint32_t offset = one.place.begin;
  if (in_template) {
    std::size_t at = 0;
    for (std::uint32_t line = 1; line < one.place.line && at != std::string::npos; ++line)
      at = one.file->text.find('\n', at == 0 && line == 1 ? 0 : at + 1);
    offset = at == std::string::npos ? 0 : static_cast<std::uint32_t>(at + (one.place.line > 1 ? 1 : 0));
  }
  const std::string_view line = line_at(one.file->text, offset);
  const std::string shown = report::printable(line.substr(0, longest_snippet));
  const std::string number = std::to_string(one.place.line);
  const std::string gutter(number.size(), ' ');
  std::string out = fmt::format("{} |\n{} | {}\n", gutter, number, shown);
  const std::size_t column = one.place.column - 1;
  if (column < longest_snippet) {
    std::size_t width = one.place.end > one.place.begin ? one.place.end - one.place.begin : 1;
    const std::size_t length = line.find_last_not_of(" \r") + 1;
    width =
        std::min(width, std::min(length, longest_snippet) > column ? std::min(length, longest_snippet) - column : 1);
    out += fmt::format(
        "{} | {}{}\n", gutter, std::string(column, ' '),
        report::paint(std::string(std::max<std::size_t>(width, 1), '^'), report::ink_of(one.finding.severity), style));
  }
  return out;
}

std::string where(const report::Finding& finding) {
  std::string out = finding.file;
  if (finding.line) out += fmt::format(":{}:{}", *finding.line, finding.column.value_or(1));
  return report::printable(out);
}

std::string paragraph(std::string_view label, std::string_view text, const report::Style& style) {
  std::string body = report::wrap(report::printable(text), 9, style.width);
  body.replace(0, 9, fmt::format("  {:<7}", std::string(label) + ":"));
  return body;
}

std::string full(const LintFinding& one, const report::Style& style) {
  const report::Finding& finding = one.finding;
  std::string out =
      report::paint(fmt::format("{}[{}]", to_string(finding.severity), finding.rule), ink_of(finding.severity), style) +
      report::paint(fmt::format(" {}", report::printable(finding.message)), report::Ink::bold, style) + "\n";
  out += fmt::format("  --> {}{}{}\n", where(finding), finding.path.empty() ? "" : "  ",
                     report::paint(report::printable(finding.path), report::Ink::dim, style));
  if (!finding.webhook.empty())
    out += fmt::format("      webhook {} of {}\n", report::printable(finding.webhook),
                       report::printable(finding.configuration));
  out += snippet(one, style);
  if (!one.why.empty()) out += paragraph("why", one.why, style);
  if (finding.fix && !finding.fix->summary.empty()) out += paragraph("fix", finding.fix->summary, style);
  return out + "\n";
}

std::string one_line(const report::Finding& finding) {
  return fmt::format("{}: {}: {} {}{}\n", where(finding), to_string(finding.severity), finding.rule,
                     report::printable(finding.message),
                     finding.webhook.empty() ? "" : " [" + report::printable(finding.webhook) + "]");
}

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

}  // namespace

std::string render_text(const LintResult& result, Detail detail, const report::Style& style) {
  std::string out;
  std::size_t counts[3] = {};
  for (const LintFinding& one : result.findings) {
    ++counts[static_cast<int>(one.finding.severity)];
    out += detail == Detail::lines ? one_line(one.finding) : full(one, style);
  }
  if (detail == Detail::lines) {
    for (const std::string& line : result.advice) out += "advice: " + report::printable(line) + "\n";
    return out;
  }
  out +=
      fmt::format("{}, {}, {} in {} of {}", counted(counts[0], "error", "errors"),
                  counted(counts[1], "warning", "warnings"), counted(counts[2], "note", "notes"),
                  counted(result.webhooks, "webhook", "webhooks"), counted(result.documents, "document", "documents"));
  if (result.exempted > 0) out += fmt::format("; {} exempted", result.exempted);
  if (result.in_baseline > 0) out += fmt::format("; {} known from the baseline", result.in_baseline);
  return out + "\n";
}

}  // namespace gatepost::lint
