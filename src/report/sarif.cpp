#include "report/sarif.h"

#include <algorithm>
#include <fmt/format.h>

#include "json/indent.h"
#include "json/write.h"

namespace gatepost::report {
namespace {

std::string_view level_of(Severity severity) {
  switch (severity) {
    case Severity::error:
      return "error";
    case Severity::warning:
      return "warning";
    case Severity::info:
      return "note";
  }
  return "none";
}

// A path as a URI reference: what RFC 3986 does not allow in a path is escaped.
std::string uri_of(std::string_view path) {
  constexpr std::string_view allowed = "-._~/!$&'()*+,;=@";
  std::string out;
  if (path.starts_with("./")) path.remove_prefix(2);
  if (path.starts_with('/')) out = "file://";
  for (char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (plain || allowed.find(c) != std::string_view::npos)
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

json::Object text_object(std::string_view text) {
  return json::Object({{"text", text}});
}

json::Object rule_object(const ToolRule& rule) {
  json::Object out;
  out.emplace("id", rule.id);
  out.emplace("name", rule.name);
  out.emplace("shortDescription", text_object(rule.name));
  out.emplace("fullDescription", text_object(rule.why));
  out.emplace("help", text_object(rule.fix));
  out.emplace("defaultConfiguration", json::Object({{"level", level_of(rule.severity)}}));
  return out;
}

json::Object location_of(const Finding& finding) {
  json::Object out;
  if (!finding.file.empty()) {
    json::Object physical;
    physical.emplace("artifactLocation", json::Object({{"uri", uri_of(finding.file)}}));
    if (finding.line) {
      json::Object region({{"startLine", *finding.line}});
      if (finding.column) region.emplace("startColumn", *finding.column);
      physical.emplace("region", std::move(region));
    }
    out.emplace("physicalLocation", std::move(physical));
  }
  const std::string& name = finding.path.empty() ? finding.webhook : finding.path;
  if (!name.empty()) {
    json::Array logical;
    logical.push_back(json::Object({{"fullyQualifiedName", name}}));
    out.emplace("logicalLocations", std::move(logical));
  }
  return out;
}

json::Object result_object(const Finding& finding, std::span<const ToolRule> rules) {
  json::Object out;
  out.emplace("ruleId", finding.rule);
  auto rule = std::find_if(rules.begin(), rules.end(), [&](const ToolRule& one) { return one.id == finding.rule; });
  if (rule != rules.end()) out.emplace("ruleIndex", rule - rules.begin());
  out.emplace("level", level_of(finding.severity));
  std::string message = finding.message;
  if (!finding.webhook.empty()) message += fmt::format(" [webhook {}, {}]", finding.webhook, finding.configuration);
  out.emplace("message", text_object(message));
  json::Array locations;
  locations.push_back(location_of(finding));
  out.emplace("locations", std::move(locations));
  out.emplace("partialFingerprints", json::Object({{"gatepost/v1", fingerprint(finding)}}));
  return out;
}

}  // namespace

std::string render_sarif(const Report& report, std::span<const ToolRule> rules, std::string_view version) {
  json::Array descriptions;
  for (const ToolRule& rule : rules) descriptions.push_back(rule_object(rule));
  json::Array results;
  for (const Finding& finding : report.findings) results.push_back(result_object(finding, rules));
  json::Object driver;
  driver.emplace("name", "gatepost");
  driver.emplace("version", version);
  driver.emplace("rules", std::move(descriptions));
  json::Object run;
  run.emplace("tool", json::Object({{"driver", std::move(driver)}}));
  run.emplace("columnKind", "unicodeCodePoints");
  run.emplace("results", std::move(results));
  json::Array runs;
  runs.push_back(std::move(run));
  json::Object document;
  document.emplace("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
  document.emplace("version", "2.1.0");
  document.emplace("runs", std::move(runs));
  return json::indent(json::write(json::Value(std::move(document)))) + "\n";
}

}  // namespace gatepost::report
