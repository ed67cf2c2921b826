#include "apiserver/controllers/namespace_conditions.h"

#include <algorithm>

namespace gatepost::apiserver {
namespace {

struct Condition {
  std::string_view type, reason;
  std::string message;
  bool problem = false;
};

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : ", ") + part;
  return out;
}

std::string counted(const std::map<std::string, std::size_t>& counts, const char* link) {
  std::vector<std::string> parts;
  for (const auto& [name, count] : counts) parts.push_back(name + link + std::to_string(count) + " resource instances");
  return joined(parts);
}

Condition content_failure(const Remains& remains) {
  constexpr std::string_view type = "NamespaceDeletionContentFailure";
  if (remains.errors.empty())
    return {type, "ContentDeleted", "All content successfully deleted, may be waiting on finalization"};
  std::vector<std::string> errors = remains.errors;
  std::sort(errors.begin(), errors.end());
  return {type, "ContentDeletionFailed",
          "Failed to delete all resource types, " + std::to_string(errors.size()) + " remaining: " + joined(errors),
          true};
}

Condition content_remaining(const Remains& remains) {
  constexpr std::string_view type = "NamespaceContentRemaining";
  if (remains.objects.empty()) return {type, "ContentRemoved", "All content successfully removed"};
  return {type, "SomeResourcesRemain", "Some resources are remaining: " + counted(remains.objects, " has "), true};
}

Condition finalizers_remaining(const Remains& remains) {
  constexpr std::string_view type = "NamespaceFinalizersRemaining";
  if (remains.finalizers.empty()) return {type, "ContentHasNoFinalizers", "All content-preserving finalizers finished"};
  return {type, "SomeFinalizersRemain",
          "Some content in the namespace has finalizers remaining: " + counted(remains.finalizers, " in "), true};
}

json::Array& conditions_of(json::Value& ns) {
  json::Value& status = ns.get_object()["status"];
  if (!status.is_object()) status.emplace_object();
  json::Value& conditions = status.get_object()["conditions"];
  if (!conditions.is_array()) conditions.emplace_array();
  return conditions.get_array();
}

json::Object* condition_of(json::Array& conditions, std::string_view type) {
  for (json::Value& condition : conditions)
    if (json::string_at(condition, {"type"}) == type) return condition.if_object();
  return nullptr;
}

bool update(json::Array& conditions, const Condition& now, const std::string& time) {
  std::string_view status = now.problem ? "True" : "False";
  json::Object* present = condition_of(conditions, now.type);
  if (!present) {
    json::Object made(conditions.storage());
    made["type"] = now.type;
    made["status"] = status;
    made["lastTransitionTime"] = time;
    made["reason"] = now.reason;
    made["message"] = now.message;
    conditions.push_back(std::move(made));
    return true;
  }
  auto is = [&](const char* field, std::string_view value) {
    const json::Value* there = present->if_contains(field);
    return there && there->is_string() && json::view(there->get_string()) == value;
  };
  bool same_status = is("status", status);
  if (same_status && is("reason", now.reason) && is("message", now.message)) return false;
  if (!same_status) (*present)["lastTransitionTime"] = time;
  (*present)["status"] = status;
  (*present)["reason"] = now.reason;
  (*present)["message"] = now.message;
  return true;
}

}  // namespace

bool update_conditions(json::Value& ns, const Remains& remains, WallTime now) {
  const Condition conditions[] = {
      {"NamespaceDeletionDiscoveryFailure", "ResourcesDiscovered", "All resources successfully discovered"},
      {"NamespaceDeletionGroupVersionParsingFailure", "ParsedGroupVersions",
       "All legacy kube types successfully parsed"},
      content_failure(remains),
      content_remaining(remains),
      finalizers_remaining(remains),
  };
  json::Array& list = conditions_of(ns);
  std::string time = rfc3339(now);
  bool changed = false;
  for (const Condition& condition : conditions) changed |= update(list, condition, time);
  return changed;
}

}  // namespace gatepost::apiserver
