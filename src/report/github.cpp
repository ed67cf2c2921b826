#include "report/github.h"

#include <fmt/format.h>

namespace gatepost::report {
namespace {

enum class Part { message, property };

std::string escaped(std::string_view text, Part part) {
  std::string out;
  for (char c : text) {
    if (c == '%')
      out += "%25";
    else if (c == '\r')
      out += "%0D";
    else if (c == '\n')
      out += "%0A";
    else if (part == Part::property && c == ':')
      out += "%3A";
    else if (part == Part::property && c == ',')
      out += "%2C";
    else
      out += c;
  }
  return out;
}

std::string_view command_of(Severity severity) {
  switch (severity) {
    case Severity::error:
      return "error";
    case Severity::warning:
      return "warning";
    case Severity::info:
      return "notice";
  }
  return "notice";
}

}  // namespace

std::string render_github(const Report& report) {
  std::string out;
  for (const Finding& finding : report.findings) {
    std::string properties;
    auto add = [&](std::string_view key, std::string_view value) {
      properties += fmt::format("{}{}={}", properties.empty() ? "" : ",", key, escaped(value, Part::property));
    };
    if (!finding.file.empty()) add("file", finding.file);
    if (finding.line) add("line", std::to_string(*finding.line));
    if (finding.column) add("col", std::to_string(*finding.column));
    add("title", finding.rule);
    std::string text = finding.message;
    if (!finding.webhook.empty()) text += fmt::format(" [webhook {}]", finding.webhook);
    if (finding.fix) text += "\nfix: " + finding.fix->summary;
    out += fmt::format("::{} {}::{}\n", command_of(finding.severity), properties, escaped(text, Part::message));
  }
  return out;
}

}  // namespace gatepost::report
