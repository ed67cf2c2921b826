#include "lint/command.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <ostream>

#include "base/files.h"
#include "lint/catalogue.h"
#include "lint/lint.h"
#include "lint/render_markdown.h"
#include "report/github.h"
#include "report/gitlab.h"
#include "report/html.h"
#include "report/json.h"
#include "report/junit.h"
#include "report/sarif.h"

namespace gatepost::lint {
namespace {

constexpr const char* usual_settings_file = ".gatepost.yaml";

struct OutputName {
  std::string_view name;
  Output output;
};
constexpr std::array<OutputName, 8> outputs = {{{"text", Output::text},
                                                {"json", Output::json},
                                                {"sarif", Output::sarif},
                                                {"junit", Output::junit},
                                                {"github", Output::github},
                                                {"gitlab", Output::gitlab},
                                                {"markdown", Output::markdown},
                                                {"html", Output::html}}};

int refuse(std::ostream& complaints, std::string_view text) {
  complaints << "gatepost lint: " << text << "\n";
  return 2;
}

Result<Settings> settings_of(const CommandOptions& options) {
  Settings settings;
  std::error_code ignored;
  const bool there = std::filesystem::exists(usual_settings_file, ignored);
  if (!options.settings_file.empty() || there) {
    const std::string file = options.settings_file.empty() ? usual_settings_file : options.settings_file;
    auto text = files::read(file);
    if (!text) return fail_with(std::move(text.error()));
    auto read = read_settings(*text);
    if (!read) return fail(file + ": " + read.error().text);
    settings = std::move(*read);
  }
  if (!options.profile.empty()) {
    auto profile = profile_named(options.profile);
    if (!profile) return fail("--profile: there is no profile " + options.profile);
    settings.profile = *profile;
  }
  auto add = [](const std::vector<std::string>& from, std::set<std::string, std::less<>>& into) -> Result<void> {
    for (const std::string& id : from) {
      if (!find_rule(id)) return fail("there is no rule " + id + " (gatepost lint --list)");
      into.insert(id);
    }
    return {};
  };
  if (!options.only.empty()) settings.enabled.clear();
  if (auto added = add(options.only, settings.enabled); !added) return fail_with(std::move(added.error()));
  if (auto added = add(options.disable, settings.disabled); !added) return fail_with(std::move(added.error()));
  return settings;
}

// Whether the finding is one that --fail-on names. A severity stands for itself and worse ones.
bool counts(const report::Finding& finding, const std::vector<std::string>& fail_on) {
  return std::any_of(fail_on.begin(), fail_on.end(), [&](const std::string& word) {
    if (word == "any" || word == "info" || word == finding.rule) return true;
    if (word == "warning") return finding.severity != report::Severity::info;
    return word == "error" && finding.severity == report::Severity::error;
  });
}

bool is_fail_on_word(const std::string& word) {
  return word == "any" || word == "none" || word == "info" || word == "warning" || word == "error" || find_rule(word);
}

std::vector<report::ToolRule> tool_rules() {
  std::vector<report::ToolRule> out;
  for (const RuleText& rule : catalogue())
    if (!rule.is_left_out())
      out.push_back({std::string(rule.id), std::string(rule.name), std::string(rule.why), std::string(rule.fix),
                     severity_of(rule, {true, true}).value_or(report::Severity::warning)});
  return out;
}

std::string render(const LintResult& result, const CommandOptions& options) {
  switch (options.output) {
    case Output::json:
      return report::render_json(result.report());
    case Output::sarif:
      return report::render_sarif(result.report(), tool_rules(), GATEPOST_VERSION);
    case Output::junit:
      return report::render_junit(result.report());
    case Output::github:
      return report::render_github(result.report());
    case Output::gitlab:
      return report::render_gitlab(result.report());
    case Output::markdown:
      return render_markdown(result);
    case Output::html:
      return report::render_html(result.report(), "Admission webhooks linted");
    case Output::text:
      break;
  }
  return render_text(result, options.detail, options.style);
}

LintInput read_input(const CommandOptions& options, const Settings& settings, int standard_input) {
  LintInput input;
  input.sources = read_sources(options.paths, settings.exclude, standard_input);
  for (const std::string& chart : options.charts) {
    Sources more = read_chart(chart);
    for (SourceFile& file : more.files) input.sources.files.push_back(std::move(file));
    for (InputProblem& problem : more.problems) input.sources.problems.push_back(std::move(problem));
  }
  if (options.cluster) {
    input.cluster = *options.cluster;
    input.observed = options.observed;
    input.origin = Origin::cluster;
    input.origin_name = options.cluster_name;
  }
  return input;
}

// Writes the repairs and lints again what then stands there. Empty: nothing to repair.
Result<std::string> repair(const LintResult& result) {
  std::size_t places = 0;
  for (const FileEdits& one : result.edits) {
    if (auto written = write_back(one.file->name, spliced(one.file->text, one.edits)); !written)
      return fail_with(std::move(written.error()));
    places += one.edits.size();
  }
  if (places == 0) return std::string();
  return "repaired " + std::to_string(places) + " places in " + std::to_string(result.edits.size()) + " files";
}

bool reads_standard_input(const CommandOptions& options) {
  return std::find(options.paths.begin(), options.paths.end(), "-") != options.paths.end();
}

}  // namespace

std::optional<Output> output_named(std::string_view name) {
  for (const OutputName& one : outputs)
    if (one.name == name) return one.output;
  return std::nullopt;
}

int run(const CommandOptions& options, int standard_input, std::ostream& out, std::ostream& complaints) {
  if (options.list) {
    std::vector<const RuleText*> all;
    for (const RuleText& rule : catalogue()) all.push_back(&rule);
    return out << (options.output == Output::json ? rules_json(all) : list_text()), 0;
  }
  if (!options.explain.empty()) {
    const RuleText* rule = find_rule(options.explain);
    if (!rule) return refuse(complaints, "there is no rule " + options.explain + " (gatepost lint --list)");
    return out << (options.output == Output::json ? rules_json({rule}) : explain_page(*rule)), 0;
  }
  if (options.paths.empty() && options.charts.empty() && !options.cluster && options.audit_log.empty())
    return refuse(complaints, "name files or folders, - for standard input, or --cluster");
  const std::vector<std::string> fail_on =
      options.fail_on.empty() ? std::vector<std::string>{"warning"} : options.fail_on;
  for (const std::string& word : fail_on)
    if (!is_fail_on_word(word))
      return refuse(complaints, "--fail-on: " + word + " is neither a severity, a rule, any nor none");
  if ((options.fix || options.diff) && (options.cluster || !options.charts.empty()))
    return refuse(complaints, "--fix and --diff are about files: gatepost fix repairs a cluster");
  if (options.fix && reads_standard_input(options))
    return refuse(complaints, "--fix needs files to write to (--diff takes standard input)");
  auto settings = settings_of(options);
  if (!settings) return refuse(complaints, settings.error().text);
  LintOptions lint_options;
  lint_options.settings = std::move(*settings);
  lint_options.now = options.now;
  lint_options.threads = options.threads;
  if (!options.baseline.empty()) {
    auto text = files::read(options.baseline);
    if (!text) return refuse(complaints, "--baseline: " + text.error().text + " (--write-baseline writes one)");
    lint_options.baseline = std::move(*text);
  }

  LintInput input = read_input(options, lint_options.settings, standard_input);
  lint_options.plan_fixes = options.fix || options.diff;
  lint_options.advise = options.advise;
  if (!options.audit_log.empty()) {
    auto text = files::read(options.audit_log, largest_file);
    if (!text) return refuse(complaints, "--audit-log: " + text.error().text);
    input.audit_log = {options.audit_log, std::move(*text), false};
    input.observed.patches = read_recordings(input.audit_log.text);
    input.observed.patches_file = &input.audit_log;
  }
  auto result = lint(input, lint_options);
  if (!result) return refuse(complaints, "--baseline " + options.baseline + ": " + result.error().text);
  if (options.diff) {
    for (const FileEdits& one : result->edits) out << unified_diff(*one.file, one.edits);
    for (const InputProblem& problem : result->problems) complaints << problem.line_text() << "\n";
    return !result->problems.empty() ? 2 : result->edits.empty() ? 0 : 1;
  }
  LintInput repaired;
  if (options.fix) {
    auto done = repair(*result);
    if (!done) return refuse(complaints, "--fix: " + done.error().text);
    if (!done->empty()) {
      complaints << *done << "\n";
      lint_options.plan_fixes = false;
      repaired = read_input(options, lint_options.settings, standard_input);
      result = lint(repaired, lint_options);
      if (!result) return refuse(complaints, result.error().text);
    }
  }
  for (const InputProblem& problem : result->problems) complaints << problem.line_text() << "\n";
  for (const std::string& note : result->notes) complaints << "gatepost lint: " << note << "\n";
  if (!options.write_baseline.empty()) {
    if (auto written = files::write_private(options.write_baseline, report::render_json(result->report())); !written)
      return refuse(complaints, "--write-baseline: " + written.error().text);
    complaints << "wrote " << result->findings.size() << " findings to " << options.write_baseline << "\n";
    return result->problems.empty() ? 0 : 2;
  }
  out << render(*result, options);
  if (!result->problems.empty()) return 2;
  return std::any_of(result->findings.begin(), result->findings.end(),
                     [&](const LintFinding& one) { return counts(one.finding, fail_on); })
             ? 1
             : 0;
}

}  // namespace gatepost::lint
