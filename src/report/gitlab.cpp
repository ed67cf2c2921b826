#include "report/gitlab.h"

#include <fmt/format.h>
#include <map>

#include "json/indent.h"
#include "json/write.h"
#include "report/tool_rule.h"

namespace gatepost::report {
namespace {

std::string_view severity_of(Severity severity) {
  switch (severity) {
    case Severity::error:
      return "critical";
    case Severity::warning:
      return "major";
    case Severity::info:
      return "info";
  }
  return "info";
}

}  // namespace

std::string render_gitlab(const Report& report) {
  json::Array out;
  std::map<std::string, int> seen;  // GitLab drops a second entry of one fingerprint
  for (const Finding& finding : report.findings) {
    std::string identity = fingerprint(finding);
    if (const int before = seen[identity]++; before > 0) identity += fmt::format("-{}", before);
    json::Object entry;
    entry.emplace("description", finding.rule + " " + finding.message);
    entry.emplace("check_name", finding.rule);
    entry.emplace("fingerprint", identity);
    entry.emplace("severity", severity_of(finding.severity));
    json::Object lines({{"begin", finding.line.value_or(1)}});
    json::Object location;
    location.emplace("path", finding.file.starts_with("./") ? finding.file.substr(2) : finding.file);
    location.emplace("lines", std::move(lines));
    entry.emplace("location", std::move(location));
    out.push_back(std::move(entry));
  }
  return json::indent(json::write(json::Value(std::move(out)))) + "\n";
}

}  // namespace gatepost::report
