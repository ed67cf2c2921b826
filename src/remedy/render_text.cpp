#include <fmt/format.h>

#include "remedy/diff.h"
#include "remedy/render.h"

namespace gatepost::remedy {
namespace {

using report::Ink;
using report::paint;
using report::Style;

std::string condition_of(const Step& step) {
  std::string out;
  if (step.when == When::backend_not_ready) out += " (only if the backend is not ready by then)";
  if (step.when == When::still_blocked) out += " (only if requests are still refused then)";
  if (step.stays == Stays::temporary) out += " (for the time being)";
  return out;
}

void add_line(std::string& out, std::string_view label, const std::string& text, const Style& style) {
  if (text.empty()) return;
  const std::string wrapped = report::wrap(std::string(label) + report::printable(text), 2, style.width);
  out += wrapped;
}

void add_step(std::string& out, const Step& step, const Style& style) {
  out += report::wrap(fmt::format("{}  {}{}", step.id, report::printable(step.summary), condition_of(step)), 2,
                      style.width);
  if (step.writes()) out += fmt::format("      {} {}\n", to_string(step.action), step.object.text());
  for (const std::string& line : diff_of(step))
    out += "      " + paint(report::printable(line), line.starts_with('+') ? Ink::green : Ink::red, style) + "\n";
}

void add_repair(std::string& out, const Repair& repair, const Style& style) {
  const std::string why = repair.root_cause.empty() ? repair.cause : repair.root_cause;
  out += paint(repair.remedy, Ink::bold, style) +
         fmt::format(" for {} ({}): {}\n", repair.webhook, repair.configuration, why);
  add_line(out, "", repair.summary, style);
  for (const Step& step : repair.steps) add_step(out, step, style);
  add_line(out, "risk: ", repair.risk, style);
  add_line(out, "verified by: ", repair.verify, style);
  for (const std::string& line : repair.lasting) add_line(out, "to last: ", line, style);
  out += "\n";
}

Ink ink_of(RepairResult::Outcome outcome) {
  if (outcome == RepairResult::Outcome::verified) return Ink::green;
  return outcome == RepairResult::Outcome::rolled_back || outcome == RepairResult::Outcome::stuck ? Ink::red
                                                                                                  : Ink::yellow;
}

}  // namespace

std::string plan_text(const Plan& plan, const Style& style) {
  std::string out;
  bool options = false;
  for (const Repair& repair : plan.repairs)
    if (!repair.optional) add_repair(out, repair, style);
  for (const Instruction& one : plan.instructions) {
    out += paint("not from here", Ink::bold, style) +
           fmt::format(": {}: {}\n", one.webhook, one.root_cause.empty() ? one.cause : one.root_cause);
    add_line(out, "", one.why, style);
    if (one.platform != "unknown" && !one.platform.empty()) out += "  platform: " + one.platform + "\n";
    for (const std::string& line : one.lines) out += "  " + report::printable(line) + "\n";
    out += "\n";
  }
  for (const Repair& repair : plan.repairs) {
    if (!repair.optional) continue;
    if (!options) out += "Other ways, only with --step:\n";
    options = true;
    for (const Step& step : repair.steps) {
      if (!step.writes()) continue;
      out += report::wrap(fmt::format("--step {}  {}: {}", step.id, repair.webhook, report::printable(repair.summary)),
                          2, style.width);
      break;
    }
    add_line(out, "  question: ", repair.question, style);
  }
  return out;
}

std::string plan_lines(const Plan& plan) {
  std::string out;
  for (const Repair& repair : plan.repairs)
    out += fmt::format("{} {} {}\n", repair.optional ? "optional" : "planned", repair.remedy, repair.webhook);
  for (const Instruction& one : plan.instructions)
    out += fmt::format("instructions {} {}\n", one.root_cause.empty() ? one.cause : one.root_cause, one.webhook);
  return out;
}

std::string result_lines(const ApplyResult& result) {
  std::string out;
  for (const RepairResult& repair : result.repairs)
    out += fmt::format("{} {} {}\n", to_string(repair.outcome), repair.remedy, repair.webhook);
  return out;
}

std::string result_text(const ApplyResult& result, const Style& style) {
  std::string out;
  for (const std::string& note : result.notes) out += "note: " + report::printable(note) + "\n";
  for (const RepairResult& repair : result.repairs)
    out += paint(to_string(repair.outcome), ink_of(repair.outcome), style) +
           fmt::format(" {} for {}{}{}\n", repair.remedy, repair.webhook, repair.why.empty() ? "" : ": ",
                       report::printable(repair.why));
  if (!result.backup.empty()) out += fmt::format("undo: gatepost restore {}\n", result.backup);
  return out;
}

std::string restore_text(const RestoreResult& result, const std::string& path) {
  std::string out;
  for (const std::string& note : result.notes) out += "note: " + report::printable(note) + "\n";
  if (result.extent == Extent::nothing) return out + "nothing to undo: " + path + "\n";
  for (const Undoing& one : result.steps) {
    out += fmt::format("{} {} ({}){}{}\n", one.state, one.step, one.object, one.text.empty() ? "" : ": ",
                       report::printable(one.text));
    for (const std::string& line : one.others) out += "  " + report::printable(line) + "\n";
  }
  if (result.extent == Extent::temporary && result.complete())
    out += fmt::format("what was temporary is taken back; gatepost restore {} once more undoes the rest\n", path);
  return out;
}

std::string backup_line(const Backup& backup) {
  std::string remedies;
  for (const Repair& repair : backup.plan.repairs)
    remedies += fmt::format("{}{} for {}", remedies.empty() ? "" : ", ", repair.remedy, repair.webhook);
  const std::size_t pending = pending_steps(backup).size();
  const char* state = extent_of(backup) == Extent::temporary ? "open"
                      : !backup.finished() && pending > 0    ? "unfinished"
                      : pending > 0                          ? "applied"
                                                             : "undone";
  return fmt::format("{}  {:<10}  {}  {}  {}", backup.plan.created, state, backup.path, backup.plan.server, remedies);
}

}  // namespace gatepost::remedy
