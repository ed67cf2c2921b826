#include "remedy/plan.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "json/indent.h"
#include "json/parse.h"
#include "json/write.h"
#include "x509/digest.h"

namespace gatepost::remedy {
namespace {

constexpr std::size_t most_repairs = 1000, most_steps = 1000;

constexpr std::array<std::string_view, 5> actions = {"update", "create", "remove", "wait", "take-back"};
constexpr std::array<std::string_view, 3> whens = {"always", "backend-not-ready", "still-blocked"};
constexpr std::array<std::string_view, 2> stays = {"lasting", "temporary"};
constexpr std::array<std::string_view, 5> waits = {"nothing", "endpoints", "rollout", "new-secret", "bundle"};
constexpr std::array<std::string_view, 3> goals = {"answers", "passes", "stored"};

template <std::size_t N, class Enum>
std::string_view name_of(const std::array<std::string_view, N>& names, Enum value) {
  return names[static_cast<std::size_t>(value)];
}

template <class Enum, std::size_t N>
Result<Enum> read_enum(const std::array<std::string_view, N>& names, const json::Value& object, std::string_view key) {
  const std::string_view text = json::string_at(object, {key});
  const auto found = std::find(names.begin(), names.end(), text);
  if (found == names.end()) return fail(fmt::format("{}: unknown word \"{}\"", key, text));
  return static_cast<Enum>(found - names.begin());
}

std::string text_at(const json::Value& object, std::string_view key) {
  return std::string(json::string_at(object, {key}));
}

json::Array texts(const std::vector<std::string>& lines) {
  json::Array out;
  for (const std::string& line : lines) out.emplace_back(line);
  return out;
}

std::vector<std::string> texts_at(const json::Value& object, std::string_view key) {
  std::vector<std::string> out;
  const json::Array* list = json::array_at(object, {key});
  for (std::size_t i = 0; list && i < list->size(); ++i)
    if ((*list)[i].is_string()) out.emplace_back(json::view((*list)[i].get_string()));
  return out;
}

json::Object step_json(const Step& step) {
  json::Object out;
  out["id"] = step.id;
  out["action"] = name_of(actions, step.action);
  out["when"] = name_of(whens, step.when);
  out["stays"] = name_of(stays, step.stays);
  out["waitFor"] = name_of(waits, step.wait_for);
  out["apiVersion"] = step.object.api_version;
  out["kind"] = step.object.kind;
  out["namespace"] = step.object.ns;
  out["name"] = step.object.name;
  out["subresource"] = step.subresource;
  out["summary"] = step.summary;
  if (step.before) out["before"] = *step.before;
  if (step.after) out["after"] = *step.after;
  return out;
}

json::Object repair_json(const Repair& repair) {
  json::Object out;
  out["remedy"] = repair.remedy;
  out["webhook"] = repair.webhook;
  out["configuration"] = repair.configuration;
  out["cause"] = repair.cause;
  out["rootCause"] = repair.root_cause;
  out["summary"] = repair.summary;
  out["risk"] = repair.risk;
  out["verify"] = repair.verify;
  out["question"] = repair.question;
  out["optional"] = repair.optional;
  out["goal"] = name_of(goals, repair.goal);
  out["probePath"] = repair.probe.path;
  out["probeBody"] = repair.probe.body;
  json::Array steps;
  for (const Step& step : repair.steps) steps.emplace_back(step_json(step));
  out["steps"] = std::move(steps);
  out["lasting"] = texts(repair.lasting);
  return out;
}

// A name that goes into a path: what the API's names may have.
bool safe_name(std::string_view name) {
  return name.size() <= 253 && name.find_first_of("/?#% ") == std::string_view::npos;
}

Result<Step> read_step(const json::Value& object) {
  Step out;
  auto action = read_enum<Action>(actions, object, "action");
  if (!action) return fail_with(std::move(action.error()));
  auto when = read_enum<When>(whens, object, "when");
  if (!when) return fail_with(std::move(when.error()));
  auto stay = read_enum<Stays>(stays, object, "stays");
  if (!stay) return fail_with(std::move(stay.error()));
  auto wait = read_enum<WaitFor>(waits, object, "waitFor");
  if (!wait) return fail_with(std::move(wait.error()));
  out.action = *action, out.when = *when, out.stays = *stay, out.wait_for = *wait;
  out.id = text_at(object, "id");
  out.object = {text_at(object, "apiVersion"), text_at(object, "kind"), text_at(object, "namespace"),
                text_at(object, "name")};
  out.subresource = text_at(object, "subresource");
  out.summary = text_at(object, "summary");
  if (const json::Value* before = json::find(object, "before")) out.before = json::Value(*before, json::Storage());
  if (const json::Value* after = json::find(object, "after")) out.after = json::Value(*after, json::Storage());
  if ((out.before && !out.before->is_object()) || (out.after && !out.after->is_object()))
    return fail("before and after must be objects");
  if (out.id.empty()) return fail("a step without id");
  if (!safe_name(out.object.ns) || !safe_name(out.object.name)) return fail(out.id + ": a name that no object has");
  if (out.action == Action::take_back) return out;
  if (resource_of(out.object.kind).empty()) return fail(out.id + ": unknown kind \"" + out.object.kind + "\"");
  if ((out.action == Action::update || out.action == Action::remove) && !out.before)
    return fail(out.id + ": before is missing");
  if ((out.action == Action::update || out.action == Action::create) && !out.after)
    return fail(out.id + ": after is missing");
  return out;
}

Result<Repair> read_repair(const json::Value& object) {
  Repair out;
  auto goal = read_enum<Goal>(goals, object, "goal");
  if (!goal) return fail_with(std::move(goal.error()));
  out.goal = *goal;
  out.remedy = text_at(object, "remedy");
  out.webhook = text_at(object, "webhook");
  out.configuration = text_at(object, "configuration");
  out.cause = text_at(object, "cause");
  out.root_cause = text_at(object, "rootCause");
  out.summary = text_at(object, "summary");
  out.risk = text_at(object, "risk");
  out.verify = text_at(object, "verify");
  out.question = text_at(object, "question");
  out.optional = json::bool_at(object, {"optional"});
  out.probe = {text_at(object, "probePath"), text_at(object, "probeBody")};
  out.lasting = texts_at(object, "lasting");
  const json::Array* steps = json::array_at(object, {"steps"});
  if (!steps || steps->size() > most_steps) return fail("steps: not a list of at most 1000");
  for (const json::Value& one : *steps) {
    auto step = read_step(one);
    if (!step) return fail_with(std::move(step.error()));
    out.steps.push_back(std::move(*step));
  }
  return out;
}

std::string checksum(const json::Value& document) {
  return "sha256:" + x509::sha256_hex(json::write(document));
}

}  // namespace

std::string_view to_string(Action action) {
  return name_of(actions, action);
}

std::string_view to_string(WaitFor what) {
  return name_of(waits, what);
}

std::string_view to_string(When when) {
  return name_of(whens, when);
}

std::size_t Plan::steps() const {
  std::size_t out = 0;
  for (const Repair& repair : repairs)
    if (!repair.optional) out += repair.steps.size();
  return out;
}

const json::Value* Plan::original(const ObjectRef& ref) const {
  const auto found = std::find_if(originals.begin(), originals.end(),
                                  [&](const json::Value& object) { return ref_of(object) == ref; });
  return found == originals.end() ? nullptr : &*found;
}

json::Value to_json(const Plan& plan) {
  json::Object out;
  out["id"] = plan.id;
  out["created"] = plan.created;
  out["server"] = plan.server;
  json::Array repairs;
  for (const Repair& repair : plan.repairs) repairs.emplace_back(repair_json(repair));
  out["repairs"] = std::move(repairs);
  json::Array instructions;
  for (const Instruction& one : plan.instructions) {
    json::Object object;
    object["webhook"] = one.webhook;
    object["cause"] = one.cause;
    object["rootCause"] = one.root_cause;
    object["platform"] = one.platform;
    object["why"] = one.why;
    object["lines"] = texts(one.lines);
    instructions.emplace_back(std::move(object));
  }
  out["instructions"] = std::move(instructions);
  json::Array originals;
  for (const json::Value& object : plan.originals) originals.push_back(object);
  out["originals"] = std::move(originals);
  return json::Value(std::move(out));
}

Result<Plan> plan_from_json(const json::Value& document) {
  Plan out;
  out.id = text_at(document, "id");
  out.created = text_at(document, "created");
  out.server = text_at(document, "server");
  if (out.id.empty() || !safe_name(out.id)) return fail("id: missing");
  const json::Array* repairs = json::array_at(document, {"repairs"});
  if (!repairs || repairs->size() > most_repairs) return fail("repairs: not a list of at most 1000");
  for (std::size_t i = 0; i < repairs->size(); ++i) {
    auto repair = read_repair((*repairs)[i]);
    if (!repair) return fail(fmt::format("repairs[{}]: {}", i, repair.error().text));
    out.repairs.push_back(std::move(*repair));
  }
  if (const json::Array* originals = json::array_at(document, {"originals"}))
    for (const json::Value& object : *originals) out.originals.emplace_back(object, json::Storage());
  const json::Array* instructions = json::array_at(document, {"instructions"});
  for (std::size_t i = 0; instructions && i < instructions->size(); ++i) {
    const json::Value& one = (*instructions)[i];
    out.instructions.push_back({text_at(one, "webhook"), text_at(one, "cause"), text_at(one, "rootCause"),
                                text_at(one, "platform"), text_at(one, "why"), texts_at(one, "lines")});
  }
  return out;
}

std::string sealed(json::Object document, std::string_view schema) {
  json::Object out;
  out["schema"] = schema;
  for (auto& [key, value] : document) out[key] = std::move(value);
  json::Value value(std::move(out));
  const std::string sum = checksum(value);
  value.get_object()["checksum"] = sum;
  return json::indent(json::write(value)) + "\n";
}

Result<json::Value> unsealed(std::string_view text, std::string_view schema) {
  auto document = json::parse(text, json::make_arena(text.size()), {.max_depth = 200});
  if (!document) return fail("no JSON: " + document.error().text);
  if (!document->is_object() || json::string_at(*document, {"schema"}) != schema)
    return fail(fmt::format("its schema is not {}", schema));
  const std::string told(json::string_at(*document, {"checksum"}));
  document->get_object().erase("checksum");
  if (checksum(*document) != told) return fail("its checksum is wrong: it was changed or cut short");
  return document;
}

}  // namespace gatepost::remedy
