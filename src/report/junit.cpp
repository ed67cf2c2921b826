#include "report/junit.h"

#include <fmt/format.h>
#include <vector>

#include "report/html.h"
#include "report/terminal.h"

namespace gatepost::report {
namespace {

struct Suite {
  std::string name;
  std::vector<const Finding*> findings;
};

// XML knows no control characters, not even escaped.
std::string escaped(std::string_view text) {
  return escape_html(printable(text));
}

std::string place(const Finding& finding) {
  return finding.line ? fmt::format("{}:{}:{}", finding.file, *finding.line, finding.column.value_or(1)) : finding.file;
}

std::string case_text(const Finding& finding) {
  std::string name = finding.rule;
  for (const std::string* part : {&finding.configuration, &finding.webhook, &finding.path})
    if (!part->empty()) name += " " + *part;
  std::string out =
      fmt::format("    <testcase classname=\"gatepost.{}\" name=\"{}\"", escaped(finding.rule), escaped(name));
  if (!finding.file.empty()) out += fmt::format(" file=\"{}\"", escaped(finding.file));
  if (finding.line) out += fmt::format(" line=\"{}\"", *finding.line);
  std::string body = place(finding) + "\n" + finding.message;
  if (finding.fix) body += "\nfix: " + finding.fix->summary;
  std::string lines;
  for (std::size_t at = 0; at <= body.size();) {
    const std::size_t end = std::min(body.find('\n', at), body.size());
    lines += escaped(std::string_view(body).substr(at, end - at)) + "\n";
    at = end + 1;
  }
  if (finding.severity == Severity::info)
    return out + fmt::format(">\n      <system-out>{}</system-out>\n    </testcase>\n", lines);
  return out + fmt::format(">\n      <failure type=\"{}\" message=\"{}\">{}</failure>\n    </testcase>\n",
                           to_string(finding.severity), escaped(finding.message), lines);
}

std::size_t failures(const std::vector<const Finding*>& findings) {
  std::size_t out = 0;
  for (const Finding* finding : findings) out += finding->severity != Severity::info ? 1 : 0;
  return out;
}

}  // namespace

std::string render_junit(const Report& report) {
  std::vector<Suite> suites;
  std::vector<const Finding*> all;
  for (const Finding& finding : report.findings) {
    if (suites.empty() || suites.back().name != finding.file) suites.push_back({finding.file, {}});
    suites.back().findings.push_back(&finding);
    all.push_back(&finding);
  }
  const bool clean = suites.empty();
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  out += fmt::format("<testsuites name=\"gatepost {}\" tests=\"{}\" failures=\"{}\" errors=\"0\">\n",
                     escaped(report.command), clean ? 1 : all.size(), failures(all));
  for (const Suite& suite : suites) {
    out += fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\">\n", escaped(suite.name),
                       suite.findings.size(), failures(suite.findings));
    for (const Finding* finding : suite.findings) out += case_text(*finding);
    out += "  </testsuite>\n";
  }
  if (clean)
    out += fmt::format(
        "  <testsuite name=\"gatepost {0}\" tests=\"1\" failures=\"0\" errors=\"0\">\n"
        "    <testcase classname=\"gatepost\" name=\"no findings\"/>\n  </testsuite>\n",
        escaped(report.command));
  return out + "</testsuites>\n";
}

}  // namespace gatepost::report
