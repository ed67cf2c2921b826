#include "lint/rule.h"

#include <algorithm>

namespace gatepost::lint {

void Sink::add(Hit hit) {
  About about;
  if (hit.webhook) about = {hit.webhook->fails_closed, hit.webhook->mutating()};
  const auto severity = hit.severity ? hit.severity : severity_of(*rule_, about);
  if (severity) found_.push_back({rule_, std::move(hit), *severity});
}

void Sink::add(const Webhook& webhook, const Path& field, std::string message) {
  add(Hit{.manifest = webhook.owner, .path = webhook.path / field, .message = std::move(message), .webhook = &webhook});
}

void Sink::add(const Webhook& webhook, std::string_view field, std::string message) {
  add(webhook, Path(field), std::move(message));
}

void Sink::add(const Manifest& manifest, Path path, std::string message, const Webhook* webhook) {
  add(Hit{.manifest = &manifest, .path = std::move(path), .message = std::move(message), .webhook = webhook});
}

std::vector<Rule> all_rules() {
  std::vector<Rule> out;
  for (auto group : {scope_rules, selector_rules, policy_rules, availability_rules, ca_bundle_rules, certificate_rules,
                     reference_rules, network_rules, semantics_rules, loop_rules, security_rules, operations_rules,
                     recorded_rules}) {
    const std::span<const Rule> rules = group();
    out.insert(out.end(), rules.begin(), rules.end());
  }
  std::sort(out.begin(), out.end(), [](const Rule& a, const Rule& b) { return a.id < b.id; });
  return out;
}

std::vector<Found> run_rules(const Model& model) {
  const Settings& settings = model.settings();
  Sink sink;
  for (const Rule& rule : all_rules()) {
    const RuleText* text = find_rule(rule.id);
    if (!text || settings.disabled.contains(rule.id)) continue;
    if (!settings.enabled.empty() && !settings.enabled.contains(rule.id)) continue;
    sink.begin(*text);
    rule.check(model, sink);
  }
  std::vector<Found> out = sink.take();
  for (Found& found : out) {
    auto set = settings.severities.find(found.rule->id);
    if (set != settings.severities.end()) found.severity = set->second;
  }
  return out;
}

}  // namespace gatepost::lint
