#include "lint/lint.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <tuple>

#include "lint/accepted.h"
#include "lint/advice.h"

namespace gatepost::lint {
namespace {

std::string object_name(const Manifest& manifest) {
  return manifest.kind + " " + (manifest.ns.empty() ? "" : manifest.ns + "/") + manifest.name;
}

LintFinding to_finding(Found found, Places& places, const std::string& origin_name) {
  const Hit& hit = found.hit;
  LintFinding out;
  report::Finding& finding = out.finding;
  finding.rule = found.rule->id;
  finding.severity = found.severity;
  finding.message = fmt::format("{}: {}", found.rule->name, hit.message);
  out.why = found.rule->why;
  finding.fix = report::Fix{std::string(found.rule->id), std::string(found.rule->fix), ""};
  finding.next = {fmt::format("gatepost lint --explain {}", found.rule->id)};
  if (hit.webhook) {
    const Webhook& webhook = *hit.webhook;
    finding.webhook = webhook.name;
    finding.configuration = webhook.configuration();
    finding.timeout_seconds = static_cast<int>(std::clamp<std::int64_t>(webhook.timeout, 0, 1'000'000));
    if (webhook.service) {
      finding.service = webhook.service->text();
      finding.port = static_cast<int>(std::clamp<std::int64_t>(webhook.service->port, 0, 65535));
    }
  }
  if (hit.manifest) {
    out.file = hit.manifest->file;
    finding.path = (hit.manifest->base / hit.path).text();
    if (out.file) out.place = places.find(*hit.manifest, hit.path);
    finding.evidence.push_back({"object", std::nullopt, object_name(*hit.manifest)});
  } else {
    out.file = hit.file;
    out.place = {hit.line, hit.column, 0, 0};
  }
  finding.file = out.file ? out.file->name : origin_name;
  if (out.place.line > 0) {
    finding.line = out.place.line;
    finding.column = out.place.column;
  }
  return out;
}

}  // namespace

report::Report LintResult::report() const {
  report::Report out;
  out.command = "lint";
  std::int64_t counts[3] = {};
  for (const LintFinding& one : findings) ++counts[static_cast<int>(one.finding.severity)];
  auto number = [](std::size_t value) { return static_cast<std::int64_t>(value); };
  out.summary = {{"files", number(files)},       {"documents", number(documents)},
                 {"webhooks", number(webhooks)}, {"errors", counts[0]},
                 {"warnings", counts[1]},        {"infos", counts[2]},
                 {"exempted", number(exempted)}, {"inBaseline", number(in_baseline)}};
  if (!problems.empty()) {
    std::vector<std::string> lines;
    for (const InputProblem& problem : problems) lines.push_back(problem.line_text());
    out.summary.push_back({"problems", std::move(lines)});
  }
  if (!advice.empty()) out.summary.push_back({"advice", advice});
  for (const LintFinding& one : findings) out.findings.push_back(one.finding);
  return out;
}

Result<LintResult> lint(LintInput& input, const LintOptions& options) {
  LintResult out;
  Manifests manifests = read_manifests(input.sources.files, options.threads);
  out.problems = input.sources.problems;
  out.problems.insert(out.problems.end(), manifests.problems.begin(), manifests.problems.end());
  for (const std::string& file : manifests.templates)
    out.notes.push_back(file + ": a template, no YAML yet: lint what helm makes of it (--helm-chart)");
  for (json::Storage& arena : input.cluster.arenas) manifests.arenas.push_back(arena);
  for (Manifest& manifest : input.cluster.list) manifests.list.push_back(std::move(manifest));
  out.files = input.sources.files.size();
  out.documents = manifests.documents + input.cluster.documents;
  const Model model(std::move(manifests), input.sources.files, input.origin, options.settings, options.now,
                    input.observed);
  out.webhooks = model.webhooks().size();

  std::vector<Found> found = run_rules(model);
  out.exempted = take_out_exempted(model, found);
  for (std::string& note : void_acceptances(model)) out.notes.push_back(std::move(note));
  if (options.plan_fixes) out.edits = plan_fixes(found);
  if (options.advise)
    for (const Advice& one : advise(model)) out.advice.push_back(to_text(one));
  std::map<const SourceFile*, std::size_t> ranks;
  for (const SourceFile& file : input.sources.files) ranks.emplace(&file, ranks.size());
  auto rank = [&](const Found& one) {
    auto at = ranks.find(one.hit.manifest ? one.hit.manifest->file : one.hit.file);
    return at == ranks.end() ? ranks.size() : at->second;
  };
  // Findings of one document side by side, so that each document is read again once.
  std::stable_sort(found.begin(), found.end(), [&](const Found& a, const Found& b) {
    auto key = [&](const Found& one) {
      return std::pair(rank(one), one.hit.manifest ? one.hit.manifest->part.origin.offset : one.hit.line);
    };
    return key(a) < key(b);
  });
  Places places;
  out.findings.reserve(found.size());
  for (Found& one : found) out.findings.push_back(to_finding(std::move(one), places, input.origin_name));
  auto key = [](const LintFinding& one) {
    return std::tuple(one.place.line, one.place.column, std::string_view(one.finding.rule),
                      std::string_view(one.finding.path), std::string_view(one.finding.message));
  };
  for (auto begin = out.findings.begin(); begin != out.findings.end();) {
    auto end = std::find_if(begin, out.findings.end(), [&](const LintFinding& one) { return one.file != begin->file; });
    std::stable_sort(begin, end, [&](const LintFinding& a, const LintFinding& b) { return key(a) < key(b); });
    begin = end;
  }
  auto same = [&](const LintFinding& a, const LintFinding& b) { return a.file == b.file && key(a) == key(b); };
  out.findings.erase(std::unique(out.findings.begin(), out.findings.end(), same), out.findings.end());
  if (!options.baseline.empty()) {
    auto taken = take_out_known(options.baseline, out.findings);
    if (!taken) return fail_with(std::move(taken.error()));
    out.in_baseline = *taken;
  }
  return out;
}

}  // namespace gatepost::lint
