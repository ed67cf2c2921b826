#include "kube/apply/texts.h"

#include <algorithm>

#include "kube/apply/versions.h"
#include "net/go_text.h"

namespace gatepost::kube::apply {
namespace {

std::string printed(const Manager& manager) {
  std::string out = net::go_quote(manager.name);
  if (!manager.subresource.empty()) out += " with subresource " + net::go_quote(manager.subresource);
  if (manager.operation == Operation::update) out.append(" using ").append(manager.api_version);
  return out;
}

std::string summary(const std::vector<Conflict>& conflicts) {
  if (conflicts.size() == 1)
    return "Apply failed with 1 conflict: conflict with " + printed(conflicts[0].manager) + ": " +
           printed(Path(conflicts[0].path));
  std::string out = "Apply failed with " + std::to_string(conflicts.size()) + " conflicts: ";
  for (std::size_t i = 0; i < conflicts.size(); ++i) {
    bool is_first = i == 0 || !is_same(conflicts[i - 1].manager, conflicts[i].manager);
    if (is_first) out += (i ? "\nconflicts with " : "conflicts with ") + printed(conflicts[i].manager) + ":";
    out += "\n- " + printed(Path(conflicts[i].path));
  }
  return out;
}

}  // namespace

std::string printed(const GroupVersionKind& kind) {
  return kind.group + "/" + kind.version + ", Kind=" + kind.kind;
}

std::string printed_object(const json::Value& object) {
  GroupVersionKind kind = kind_in(json::string_at(object, {"apiVersion"}), GroupVersionKind{});
  kind.kind = json::string_at(object, {"kind"});
  return std::string(json::string_at(object, {"metadata", "namespace"})) + "/" +
         std::string(json::string_at(object, {"metadata", "name"})) + "; " + printed(kind);
}

Status failed(std::string message) {
  Status status;
  status.code = 500;
  status.message = std::move(message);
  return status;
}

Status apply_conflict(std::vector<Conflict> conflicts) {
  std::stable_sort(conflicts.begin(), conflicts.end(),
                   [](const Conflict& a, const Conflict& b) { return identity(a.manager) < identity(b.manager); });
  Status status;
  status.code = 409;
  status.reason = "Conflict";
  status.message = summary(conflicts);
  status.has_details = true;
  for (const Conflict& conflict : conflicts)
    status.causes.push_back(
        {"FieldManagerConflict", "conflict with " + printed(conflict.manager), printed(Path(conflict.path))});
  return status;
}

}  // namespace gatepost::kube::apply
