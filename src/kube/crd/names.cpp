#include "kube/crd/names.h"

#include <algorithm>
#include <set>
#include <string>

#include "base/time.h"
#include "kube/crd/definition.h"
#include "net/go_text.h"

namespace gatepost::kube::crd {
namespace {

struct Taken {
  std::set<std::string, std::less<>> resources, kinds;
};

json::Object& made_object(json::Object& parent, std::string_view key) {
  json::Value& value = parent[key];
  if (!value.is_object()) value.emplace_object();
  return value.get_object();
}

void take(std::set<std::string, std::less<>>& names, std::string_view name) {
  if (!name.empty()) names.emplace(name);
}

Taken names_taken(const json::Value& object, const std::vector<const json::Value*>& others) {
  Taken out;
  std::string_view group = json::string_at(object, {"spec", "group"}),
                   own = json::string_at(object, {"metadata", "name"});
  for (const json::Value* other : others) {
    if (json::string_at(*other, {"spec", "group"}) != group || json::string_at(*other, {"metadata", "name"}) == own)
      continue;
    const json::Value* accepted = json::find_path(*other, {"status", "acceptedNames"});
    if (!accepted) continue;
    take(out.resources, json::string_at(*accepted, {"plural"}));
    take(out.resources, json::string_at(*accepted, {"singular"}));
    take(out.kinds, json::string_at(*accepted, {"kind"}));
    take(out.kinds, json::string_at(*accepted, {"listKind"}));
    if (const json::Array* short_names = json::array_at(*accepted, {"shortNames"}))
      for (const json::Value& name : *short_names)
        if (name.is_string()) take(out.resources, json::view(name.get_string()));
  }
  return out;
}

std::string in_use(std::string_view name) {
  return net::go_quote(name) + " is already in use";
}

struct Verdict {
  std::string reason = "NoConflicts", message = "no conflicts found";
  bool accepted = true;
  void refuse(std::string why, std::string text) {
    accepted = false;
    reason = std::move(why);
    message = std::move(text);
  }
};

class Naming {
 public:
  Naming(const json::Value& wanted, const json::Value& accepted, json::Object& names, const Taken& taken)
      : wanted_(wanted), accepted_(accepted), names_(names), taken_(taken) {}

  Verdict settle() {
    one("plural", "PluralConflict", taken_.resources);
    one("singular", "SingularConflict", taken_.resources);
    short_names();
    one("kind", "KindConflict", taken_.kinds);
    one("listKind", "ListKindConflict", taken_.kinds);
    take_over("categories");
    return std::move(verdict_);
  }

 private:
  void one(std::string_view field, const char* conflict, const std::set<std::string, std::less<>>& taken) {
    std::string_view name = json::string_at(wanted_, {field});
    bool ours = name == json::string_at(accepted_, {field});
    if (!ours && taken.contains(name))
      verdict_.refuse(conflict, in_use(name));
    else
      take_over(field);
  }

  void short_names() {
    const json::Array* wanted = json::array_at(wanted_, {"shortNames"});
    const json::Array* accepted = json::array_at(accepted_, {"shortNames"});
    std::vector<std::string> problems;
    for (std::size_t i = 0; wanted && i < wanted->size(); ++i) {
      const json::Value& name = (*wanted)[i];
      bool ours = accepted && std::find(accepted->begin(), accepted->end(), name) != accepted->end();
      if (!ours && name.is_string() && taken_.resources.contains(json::view(name.get_string())))
        problems.push_back(in_use(json::view(name.get_string())));
    }
    if (problems.empty()) return take_over("shortNames");
    std::string text = problems.size() == 1 ? problems[0] : "[";
    if (problems.size() > 1) {
      for (const std::string& problem : problems) text += (text.size() > 1 ? ", " : "") + problem;
      text += "]";
    }
    verdict_.refuse("ShortNamesConflict", text);
  }

  void take_over(std::string_view field) {
    if (const json::Value* value = json::find(wanted_, field))
      names_[field] = *value;
    else
      names_.erase(field);
  }

  const json::Value& wanted_;
  const json::Value& accepted_;
  json::Object& names_;
  const Taken& taken_;
  Verdict verdict_;
};

}  // namespace

void set_condition(json::Value& object, std::string_view type, std::string_view status, std::string_view reason,
                   std::string_view message, std::chrono::system_clock::time_point now) {
  json::Object& state = made_object(object.get_object(), "status");
  json::Value& list = state["conditions"];
  if (!list.is_array()) list.emplace_array();
  json::Array& conditions = list.get_array();
  auto found = std::find_if(conditions.begin(), conditions.end(),
                            [&](const json::Value& c) { return json::string_at(c, {"type"}) == type; });
  std::string time = rfc3339(now);
  if (found != conditions.end() && json::string_at(*found, {"status"}) == status)
    time = json::string_at(*found, {"lastTransitionTime"});
  json::Object made(conditions.storage());
  made["type"] = type;
  made["status"] = status;
  made["lastTransitionTime"] = time;
  made["reason"] = reason;
  made["message"] = message;
  if (found != conditions.end())
    *found = std::move(made);
  else
    conditions.emplace_back(std::move(made));
}

bool settle_status(json::Value& object, const std::vector<const json::Value*>& others,
                   std::chrono::system_clock::time_point now) {
  const json::Value* names = json::find_path(object, {"spec", "names"});
  if (!names || !object.is_object()) return false;
  const json::Value wanted = *names;
  const json::Value* present = json::find(object, "status");
  const json::Value before = present ? *present : json::Value();
  const json::Value* old_names = json::find(before, "acceptedNames");
  const json::Value accepted = old_names ? *old_names : json::Value(json::Object());
  const Taken taken = names_taken(object, others);
  json::Object& status = made_object(object.get_object(), "status");
  Verdict verdict = Naming(wanted, accepted, made_object(status, "acceptedNames"), taken).settle();
  set_condition(object, "NamesAccepted", verdict.accepted ? "True" : "False", verdict.reason, verdict.message, now);
  bool established = has_condition(object, "Established");
  if (!established && verdict.accepted)
    set_condition(object, "Established", "True", "InitialNamesAccepted", "the initial names have been accepted", now);
  else if (!established)
    set_condition(object, "Established", "False", "NotAccepted", "not all names are accepted", now);
  return *json::find(object, "status") != before;
}

}  // namespace gatepost::kube::crd
