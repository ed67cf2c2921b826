#include "json/indent.h"
#include "json/parse.h"
#include "json/write.h"
#include "remedy/diff.h"
#include "remedy/render.h"
#include "report/json.h"

namespace gatepost::remedy {
namespace {

json::Array texts(const std::vector<std::string>& lines) {
  json::Array out;
  for (const std::string& line : lines) out.emplace_back(line);
  return out;
}

void set(json::Object& object, std::string_view key, const std::string& text) {
  if (!text.empty()) object[key] = text;
}

json::Object object_json(const ObjectRef& ref) {
  json::Object out;
  out["apiVersion"] = ref.api_version;
  out["kind"] = ref.kind;
  set(out, "namespace", ref.ns);
  out["name"] = ref.name;
  return out;
}

json::Object step_json(const Step& step) {
  json::Object out;
  out["id"] = step.id;
  out["action"] = to_string(step.action);
  if (step.wait_for != WaitFor::nothing) out["waitFor"] = to_string(step.wait_for);
  out["when"] = to_string(step.when);
  out["temporary"] = step.stays == Stays::temporary;
  out["object"] = object_json(step.object);
  out["summary"] = step.summary;
  if (step.writes()) out["diff"] = texts(diff_of(step));
  return out;
}

json::Object repair_json(const Repair& repair) {
  json::Object out;
  out["remedy"] = repair.remedy;
  out["webhook"] = repair.webhook;
  out["configuration"] = repair.configuration;
  out["cause"] = repair.cause;
  set(out, "rootCause", repair.root_cause);
  out["summary"] = repair.summary;
  out["optional"] = repair.optional;
  set(out, "question", repair.question);
  json::Array steps;
  for (const Step& step : repair.steps) steps.emplace_back(step_json(step));
  out["steps"] = std::move(steps);
  out["risk"] = repair.risk;
  out["verify"] = repair.verify;
  if (!repair.lasting.empty()) out["lasting"] = texts(repair.lasting);
  return out;
}

json::Object plan_json(const Plan& plan) {
  json::Object out;
  out["id"] = plan.id;
  out["created"] = plan.created;
  out["server"] = plan.server;
  json::Array repairs, instructions;
  for (const Repair& repair : plan.repairs) repairs.emplace_back(repair_json(repair));
  for (const Instruction& one : plan.instructions) {
    json::Object object;
    object["webhook"] = one.webhook;
    object["cause"] = one.cause;
    set(object, "rootCause", one.root_cause);
    object["platform"] = one.platform;
    set(object, "why", one.why);
    object["lines"] = texts(one.lines);
    instructions.emplace_back(std::move(object));
  }
  out["repairs"] = std::move(repairs);
  out["instructions"] = std::move(instructions);
  return out;
}

std::string_view stop_text(ApplyResult::Stop stop) {
  constexpr std::string_view names[] = {"none", "changed", "forbidden", "refused", "unreachable", "no-backup", "busy"};
  return names[static_cast<std::size_t>(stop)];
}

json::Object result_json(const ApplyResult& result) {
  json::Object out;
  out["applied"] = result.stop == ApplyResult::Stop::none;
  if (result.stop != ApplyResult::Stop::none) out["stopped"] = stop_text(result.stop);
  if (!result.reasons.empty()) out["reasons"] = texts(result.reasons);
  if (!result.notes.empty()) out["notes"] = texts(result.notes);
  set(out, "backup", result.backup);
  json::Array repairs;
  for (const RepairResult& repair : result.repairs) {
    json::Object object;
    object["remedy"] = repair.remedy;
    object["webhook"] = repair.webhook;
    object["outcome"] = to_string(repair.outcome);
    set(object, "why", repair.why);
    json::Array steps;
    for (const StepResult& step : repair.steps) {
      json::Object one;
      one["id"] = step.id;
      one["state"] = step.state;
      set(one, "note", step.note);
      steps.emplace_back(std::move(one));
    }
    object["steps"] = std::move(steps);
    repairs.emplace_back(std::move(object));
  }
  out["repairs"] = std::move(repairs);
  return out;
}

std::string printed(json::Object document) {
  return json::indent(json::write(json::Value(std::move(document)))) + "\n";
}

json::Object headed(std::string_view command) {
  json::Object out;
  out["schema"] = report::schema;
  out["command"] = command;
  return out;
}

}  // namespace

std::string fix_json(const report::Report& report, const Plan& plan, const ApplyResult* result) {
  json::Object out = headed(report.command);
  json::Object summary;
  std::int64_t repairs = 0;
  for (const Repair& repair : plan.repairs) repairs += !repair.optional;
  summary["findings"] = report.findings.size();
  summary["repairs"] = repairs;
  summary["steps"] = plan.steps();
  summary["instructions"] = plan.instructions.size();
  out["summary"] = std::move(summary);
  const std::string rendered = report::render_json(report);
  if (auto document = json::parse(rendered, json::make_arena(rendered.size() * 2)))
    out["findings"] = document->at("findings");
  out["plan"] = plan_json(plan);
  if (result) out["result"] = result_json(*result);
  return printed(std::move(out));
}

std::string restore_json(const RestoreResult& result, const std::string& path) {
  json::Object out = headed("restore");
  json::Object summary;
  summary["backup"] = path;
  summary["complete"] = result.complete();
  summary["extent"] = result.extent == Extent::nothing     ? "nothing"
                      : result.extent == Extent::temporary ? "temporary"
                                                           : "everything";
  out["summary"] = std::move(summary);
  out["findings"] = json::Array();
  json::Array steps;
  for (const Undoing& one : result.steps) {
    json::Object step;
    step["id"] = one.step;
    step["object"] = one.object;
    step["state"] = one.state;
    set(step, "note", one.text);
    if (!one.others.empty()) step["others"] = texts(one.others);
    steps.emplace_back(std::move(step));
  }
  out["steps"] = std::move(steps);
  if (!result.notes.empty()) out["notes"] = texts(result.notes);
  if (!result.busy.empty()) out["busy"] = result.busy;
  return printed(std::move(out));
}

std::string backups_json(const std::vector<Backup>& backups) {
  json::Object out = headed("restore");
  json::Array list;
  for (const Backup& backup : backups) {
    json::Object one;
    one["file"] = backup.path;
    one["id"] = backup.plan.id;
    one["created"] = backup.plan.created;
    one["server"] = backup.plan.server;
    one["finished"] = backup.finished();
    one["pending"] = texts(pending_steps(backup));
    json::Array remedies;
    for (const Repair& repair : backup.plan.repairs) remedies.emplace_back(repair.remedy);
    one["remedies"] = std::move(remedies);
    list.emplace_back(std::move(one));
  }
  json::Object summary;
  summary["backups"] = backups.size();
  out["summary"] = std::move(summary);
  out["findings"] = json::Array();
  out["backups"] = std::move(list);
  return printed(std::move(out));
}

}  // namespace gatepost::remedy
