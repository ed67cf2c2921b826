#include "lint/accepted.h"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <map>

#include "json/parse.h"

namespace gatepost::lint {
namespace {

constexpr std::string_view ignore_key = "gatepost.dev/ignore", reason_key = "gatepost.dev/ignore-reason";

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) text.remove_suffix(1);
  return text;
}

bool gives_a_reason(const Manifest& manifest) {
  const std::string_view text = manifest.annotation(ignore_key);
  const std::size_t colon = text.find(':');
  const std::string_view behind = colon == std::string_view::npos ? "" : trimmed(text.substr(colon + 1));
  return !behind.empty() || !trimmed(manifest.annotation(reason_key)).empty();
}

// "GP101, GP202: reason"
bool annotation_covers(const Manifest& manifest, std::string_view rule) {
  std::string_view text = manifest.annotation(ignore_key);
  if (text.empty() || !gives_a_reason(manifest)) return false;
  text = text.substr(0, text.find(':'));
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(", \n\t"), text.size());
    const std::string_view id = text.substr(0, end);
    if (id == rule || id == "*") return true;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return false;
}

bool exemption_covers(const Exemption& exemption, const Found& found, std::chrono::sys_days today) {
  if (!exemption.rules.contains(found.rule->id)) return false;
  if (exemption.until && today > *exemption.until) return false;
  const Webhook* webhook = found.hit.webhook;
  const Manifest* manifest = found.hit.manifest;
  const bool configuration_fits = exemption.configuration.empty() ||
                                  (webhook && webhook->owner->name == exemption.configuration) ||
                                  (manifest && manifest->name == exemption.configuration);
  return configuration_fits && (exemption.webhook.empty() || (webhook && webhook->name == exemption.webhook));
}

// What makes a finding the same one after lines have moved.
std::string fingerprint(std::string_view rule, std::string_view file, std::string_view object, std::string_view webhook,
                        std::string_view path) {
  std::string out;
  for (std::string_view part : {rule, file, object, webhook, path}) out.append(part).push_back('\n');
  return out;
}

std::string_view object_of(const json::Value& finding) {
  const json::Array* evidence = json::array_at(finding, {"evidence"});
  for (std::size_t i = 0; evidence && i < evidence->size(); ++i)
    if (json::string_at((*evidence)[i], {"check"}) == "object") return json::string_at((*evidence)[i], {"detail"});
  return {};
}

std::string fingerprint(const report::Finding& finding) {
  std::string_view object;
  for (const report::Evidence& one : finding.evidence)
    if (one.check == "object") object = one.detail;
  return fingerprint(finding.rule, finding.file, object, finding.webhook, finding.path);
}

}  // namespace

std::size_t take_out_exempted(const Model& model, std::vector<Found>& found) {
  const auto today = std::chrono::floor<std::chrono::days>(model.now());
  return std::erase_if(found, [&](const Found& one) {
    const auto& exemptions = model.settings().exemptions;
    if (std::any_of(exemptions.begin(), exemptions.end(),
                    [&](const Exemption& exemption) { return exemption_covers(exemption, one, today); }))
      return true;
    return (one.hit.manifest && annotation_covers(*one.hit.manifest, one.rule->id)) ||
           (one.hit.webhook && annotation_covers(*one.hit.webhook->owner, one.rule->id));
  });
}

std::vector<std::string> void_acceptances(const Model& model) {
  std::vector<std::string> out;
  const auto today = std::chrono::floor<std::chrono::days>(model.now());
  for (const Exemption& exemption : model.settings().exemptions)
    if (exemption.until && today > *exemption.until)
      out.push_back(
          fmt::format("the exemption of {} (\"{}\") has expired", *exemption.rules.begin(), exemption.reason));
  for (const Manifest& manifest : model.manifests())
    if (!manifest.annotation(ignore_key).empty() && !gives_a_reason(manifest))
      out.push_back(fmt::format("{} {}: {} gives no reason, so it does not count (\"GP101: why\")", manifest.kind,
                                manifest.name, ignore_key));
  return out;
}

Result<std::size_t> take_out_known(std::string_view report, std::vector<LintFinding>& findings) {
  auto parsed = json::parse(report, json::make_arena());
  if (!parsed) return fail(parsed.error().text);
  const json::Array* known = json::array_at(*parsed, {"findings"});
  if (!known || json::string_at(*parsed, {"command"}) != "lint") return fail("no report of gatepost lint -o json");
  std::map<std::string, std::size_t> counts;
  for (const json::Value& one : *known)
    ++counts[fingerprint(json::string_at(one, {"rule"}), json::string_at(one, {"file"}), object_of(one),
                         json::string_at(one, {"webhook"}), json::string_at(one, {"path"}))];
  return std::erase_if(findings, [&](const LintFinding& one) {
    auto at = counts.find(fingerprint(one.finding));
    if (at == counts.end() || at->second == 0) return false;
    --at->second;
    return true;
  });
}

}  // namespace gatepost::lint
