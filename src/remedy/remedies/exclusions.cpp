#include <algorithm>
#include <fmt/format.h>

#include "remedy/remedies/remedies.h"

namespace gatepost::remedy {
namespace {

constexpr std::string_view name_label = "kubernetes.io/metadata.name";

bool excludes(const json::Array& expressions, const std::string& ns) {
  return std::any_of(expressions.begin(), expressions.end(), [&](const json::Value& one) {
    const json::Array* values = json::array_at(one, {"values"});
    const std::string_view op = json::string_at(one, {"operator"});
    if (json::string_at(one, {"key"}) != name_label || !values) return false;
    const bool listed = std::any_of(values->begin(), values->end(), [&](const json::Value& value) {
      return value.is_string() && json::view(value.get_string()) == ns;
    });
    return op == "NotIn" ? listed : op == "In" && !listed;
  });
}

// The list of an expression "metadata.name NotIn", which further names join; null where there is none.
json::Array* not_in_list(json::Array& expressions) {
  for (json::Value& one : expressions)
    if (json::string_at(one, {"key"}) == name_label && json::string_at(one, {"operator"}) == "NotIn")
      if (json::Value* values = one.get_object().if_contains("values"); values && values->is_array())
        return &values->get_array();
  return nullptr;
}

}  // namespace

bool add_exclusion(json::Value& entry, const std::set<std::string>& namespaces) {
  child(entry, "namespaceSelector");
  json::Object& selector = entry.get_object()["namespaceSelector"].get_object();
  json::Value& value = selector["matchExpressions"];
  if (!value.is_array()) value.emplace_array();
  json::Array& expressions = value.get_array();
  std::vector<std::string> missing;
  for (const std::string& ns : namespaces)
    if (!excludes(expressions, ns)) missing.push_back(ns);
  if (missing.empty()) {
    if (expressions.empty()) selector.erase("matchExpressions");
    return false;
  }
  json::Array* list = not_in_list(expressions);
  if (!list) {
    json::Object expression;
    expression["key"] = name_label;
    expression["operator"] = "NotIn";
    expression["values"] = json::Array();
    expressions.emplace_back(std::move(expression));
    list = not_in_list(expressions);
  }
  for (const std::string& ns : missing) list->emplace_back(ns);
  return true;
}

Proposal exclude_namespaces(Scene& scene, const Ill& ill) {
  std::set<std::string> namespaces = {"kube-system"};
  if (ill.subject->by_service()) namespaces.insert(ill.subject->service_namespace);
  const ObjectRef ref = ill.configuration();
  json::Value before = scene.current(*ill.subject->owner, ref);
  json::Value after(before, json::Storage());
  json::Value* entry = entry_of(after, ill.subject->name());
  if (!entry || !add_exclusion(*entry, namespaces)) return Proposal::none("these namespaces are left out already");
  Proposal out;
  Repair& repair = out.repair.emplace(repair_for(ill, "exclude-namespaces"));
  repair.summary = fmt::format("leave {} out by namespaceSelector", fmt::join(namespaces, " and "));
  repair.risk = "objects in these namespaces are no longer checked, for good";
  repair.question = "may objects in these namespaces go unchecked by this webhook?";
  repair.goal = Goal::passes;
  repair.steps.push_back(
      update_step(scene, "exclude-namespaces", ref, std::move(before), std::move(after), repair.summary));
  return out;
}

Proposal set_failure_policy(Scene& scene, const Ill& ill) {
  if (!ill.subject->fails_closed()) return Proposal::none("failurePolicy is Ignore already");
  const ObjectRef ref = ill.configuration();
  json::Value before = scene.current(*ill.subject->owner, ref);
  json::Value after(before, json::Storage());
  json::Value* entry = entry_of(after, ill.subject->name());
  if (!entry) return Proposal::none("the webhook is gone");
  entry->get_object()["failurePolicy"] = "Ignore";
  Proposal out;
  Repair& repair = out.repair.emplace(repair_for(ill, "set-failure-policy"));
  repair.summary = "failurePolicy Ignore: requests pass unchecked while the webhook does not answer";
  repair.risk = "whatever the webhook would refuse is let through while it is down, from now on";
  repair.question =
      "does security or correctness depend on this webhook (policy, image signatures, sidecars)? Then keep Fail and "
      "make the "
      "backend highly available; Ignore is right where its absence only misses a convenience";
  repair.goal = Goal::passes;
  repair.steps.push_back(
      update_step(scene, "set-failure-policy", ref, std::move(before), std::move(after), repair.summary));
  return out;
}

}  // namespace gatepost::remedy
