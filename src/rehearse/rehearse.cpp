#include "rehearse/rehearse.h"

#include <algorithm>
#include <map>

#include "explain/grammar.h"
#include "rehearse/span_text.h"

namespace gatepost::rehearse {
namespace {

constexpr std::size_t most_listed = 10;

bool is_asked_for(const Scenario& scenario, const std::vector<std::string>& names) {
  if (names.empty()) return true;
  return std::any_of(names.begin(), names.end(), [&scenario](const std::string& name) {
    return scenario.name == name || scenario.name.starts_with(name + "-of-both:");
  });
}

// Wedges of the same making are freed by the same change.
std::string making_of(const Played& played) {
  std::string text;
  for (const Wait& wait : played.waits)
    if (std::find(played.wedged.begin(), played.wedged.end(), wait.backend) != played.wedged.end())
      text += wait.backend + "<" + wait.webhook + ";";
  return text;
}

report::Severity severity_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::wedged:
      return report::Severity::error;
    case Verdict::degraded:
      return report::Severity::warning;
    default:
      return report::Severity::info;
  }
}

std::vector<std::string> first_of(const std::vector<std::string>& lines) {
  std::vector<std::string> out(lines.begin(),
                               lines.begin() + static_cast<std::ptrdiff_t>(std::min(lines.size(), most_listed)));
  if (lines.size() > most_listed) out.push_back("and " + std::to_string(lines.size() - most_listed) + " more");
  return out;
}

std::string message_of(const Act& act, const WebhookResult& result, const Webhook& webhook) {
  const std::string when = std::string(describe(act.scenario)) + ": ";
  const std::string passed = std::to_string(result.passed.size()), blocked = std::to_string(result.blocked.size());
  switch (result.verdict) {
    case Verdict::wedged:
      return when + "the backend " + webhook.backend +
             " does not come back, because requests that it needs are refused while it is down";
    case Verdict::degraded:
      return when + "requests pass unguarded" + (result.down ? " for " + span_text(*result.down) : std::string()) +
             " (failurePolicy Ignore)";
    case Verdict::recovers_after:
      return when + "what the webhook guards is refused until the backend returns, and goes on then" +
             (result.down ? " (calls failed for " + span_text(*result.down) + ")" : std::string());
    case Verdict::recovers:
      break;
  }
  if (!result.down) return when + "the backend stays reachable";
  return when + "the backend is back by itself after " + span_text(*result.down);
}

void add_chain(const Act& act, const Webhook& webhook, report::Finding& finding) {
  for (const Wait& wait : act.played.waits) {
    const bool mine = wait.backend == webhook.backend;
    const bool of_cycle =
        std::find(act.played.wedged.begin(), act.played.wedged.end(), wait.backend) != act.played.wedged.end();
    if (!mine && !of_cycle) continue;
    std::string detail = "backend " + wait.backend + ": " + wait.who + ": " + wait.what;
    if (!wait.webhook.empty()) detail += " waits for webhook " + wait.webhook;
    if (!wait.on.empty()) detail += " of backend " + wait.on;
    finding.evidence.push_back({"waits", false, detail + ": " + wait.text});
  }
}

report::Finding finding_of(const Rehearsal& rehearsal, const Act& act, const WebhookResult& result) {
  const Webhook& webhook = rehearsal.world.webhooks[result.webhook];
  report::Finding finding;
  finding.scenario = act.scenario.name;
  finding.verdict = to_string(result.verdict);
  finding.severity = severity_of(result.verdict);
  finding.webhook = webhook.name;
  finding.configuration = webhook.configuration;
  finding.target = webhook.target;
  const Backend* backend = rehearsal.world.find(webhook.backend);
  if (backend && !backend->ns.empty()) {
    finding.service = webhook.backend;
    finding.port = webhook.port;
  }
  finding.timeout_seconds = webhook.timeout_seconds;
  finding.message = message_of(act, result, webhook);
  if (result.down) {
    finding.outcome = webhook.ignores ? report::Outcome::failing_open : report::Outcome::failed;
    finding.impact.push_back({"downSeconds", static_cast<double>(result.down->count()) / 1000.0});
  }
  if (!result.blocked.empty()) finding.impact.push_back({"blocked", first_of(result.blocked)});
  if (!result.passed.empty()) finding.impact.push_back({"unguarded", first_of(result.passed)});
  if (!result.error.empty()) {
    finding.evidence.push_back({"canary", false, result.error});
    for (const auto& occurrence : explain::read_text(result.error)) {
      finding.cause = occurrence.cause;
      finding.tail = occurrence.tail;
      break;
    }
  }
  if (result.verdict == Verdict::wedged) {
    add_chain(act, webhook, finding);
    finding.root_cause = act.played.wedged.size() > 1 ? "mutual-deadlock" : "self-deadlock";
    if (act.change) {
      report::Fix fix;
      fix.id = "break-wedge";
      for (const Edit& edit : act.change->edits) {
        fix.summary += (fix.summary.empty() ? "" : "; ") + edit.summary;
        fix.command += (fix.command.empty() ? "" : " && ") + edit.command;
        finding.evidence.push_back({"change", true, edit.diff});
      }
      finding.fix = std::move(fix);
    }
  }
  for (const std::string& remark : act.played.remarks) finding.evidence.push_back({"remark", std::nullopt, remark});
  return finding;
}

}  // namespace

net::Task<Result<Rehearsal>> rehearse(Input input, RehearseOptions options) {
  WorldOptions world_options;
  world_options.seed = options.seed;
  auto world = co_await build_world(std::move(input), world_options);
  if (!world) co_return fail_with(std::move(world.error()));
  Rehearsal out;
  out.world = std::move(*world);
  std::vector<Scenario> scenarios;
  for (Scenario& scenario : scenarios_of(out.world, options.extent))
    if (is_asked_for(scenario, options.scenarios)) scenarios.push_back(std::move(scenario));
  std::map<std::string, std::optional<Change>> changes;
  for (std::size_t i = 0; i < scenarios.size(); ++i) {
    if (options.progress) options.progress(i, scenarios.size());
    Act act;
    act.scenario = scenarios[i];
    act.played = co_await play(&out.world, scenarios[i]);
    out.acts.push_back(std::move(act));
  }
  // Small scenarios first: what frees the outage of one backend may free a restart of all.
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < out.acts.size(); ++i) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&out](std::size_t a, std::size_t b) {
    return out.acts[a].scenario.backends.size() < out.acts[b].scenario.backends.size();
  });
  for (std::size_t at : order) {
    Act& act = out.acts[at];
    if (!options.changes || act.played.wedged.empty()) continue;
    const std::string making = making_of(act.played);
    auto known = changes.find(making);
    if (known == changes.end())
      known = changes.emplace(making, co_await smallest_change(&out.world, act.scenario, act.played)).first;
    act.change = known->second;
  }
  if (options.progress) options.progress(scenarios.size(), scenarios.size());
  co_return out;
}

report::Report report_of(const Rehearsal& rehearsal) {
  report::Report report;
  report.command = "rehearse";
  std::map<Verdict, std::int64_t> counts;
  for (const Act& act : rehearsal.acts)
    for (const WebhookResult& result : act.played.results) {
      ++counts[result.verdict];
      report.findings.push_back(finding_of(rehearsal, act, result));
    }
  std::stable_sort(report.findings.begin(), report.findings.end(),
                   [](const report::Finding& a, const report::Finding& b) { return a.severity < b.severity; });
  const World& world = rehearsal.world;
  report.summary = {{"webhooks", static_cast<std::int64_t>(world.webhooks.size())},
                    {"backends", static_cast<std::int64_t>(world.backends.size())},
                    {"scenarios", static_cast<std::int64_t>(rehearsal.acts.size())},
                    {"pods", static_cast<std::int64_t>(world.pods)},
                    {"nodes", static_cast<std::int64_t>(world.nodes)},
                    {"wedged", counts[Verdict::wedged]},
                    {"degraded", counts[Verdict::degraded]},
                    {"recoversAfter", counts[Verdict::recovers_after]},
                    {"recovers", counts[Verdict::recovers]},
                    {"assumptions", world.assumptions}};
  return report;
}

}  // namespace gatepost::rehearse
