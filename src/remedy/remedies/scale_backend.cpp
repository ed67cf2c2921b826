#include <algorithm>
#include <fmt/format.h>

#include "remedy/remedies/remedies.h"

namespace gatepost::remedy {
namespace {

constexpr std::int64_t enough_replicas = 2;

bool picks(const json::Object& selector, const json::Object* labels) {
  return labels && std::all_of(selector.begin(), selector.end(), [&](const auto& wanted) {
           const json::Value* found = labels->if_contains(wanted.key());
           return found && *found == wanted.value();
         });
}

bool has_budget(const Scene& scene, const json::Value& workload) {
  const json::Object* labels = json::object_at(workload, {"spec", "template", "metadata", "labels"});
  const auto& budgets = scene.cluster.budgets.in(json::string_at(workload, {"metadata", "namespace"}));
  return std::any_of(budgets.begin(), budgets.end(), [&](const json::Value* budget) {
    const json::Object* selector = json::object_at(*budget, {"spec", "selector", "matchLabels"});
    return selector && picks(*selector, labels);
  });
}

// A workload of which two pods cannot stand side by side: a volume that one node may write, or Recreate.
bool stands_alone(const json::Value& workload) {
  if (json::string_at(workload, {"spec", "strategy", "type"}) == "Recreate") return true;
  const json::Array* volumes = json::array_at(workload, {"spec", "template", "spec", "volumes"});
  return volumes && std::any_of(volumes->begin(), volumes->end(), [](const json::Value& volume) {
           return json::find(volume, "persistentVolumeClaim") != nullptr;
         });
}

Step budget_step(const json::Value& workload, const ObjectRef& ref) {
  json::Object metadata;
  metadata["name"] = ref.name;
  metadata["namespace"] = ref.ns;
  json::Object selector;
  if (const json::Value* wanted = json::find_path(workload, {"spec", "selector"}))
    selector = json::Value(*wanted, json::Storage()).get_object();
  json::Object spec;
  spec["minAvailable"] = 1;
  spec["selector"] = std::move(selector);
  json::Object budget;
  budget["apiVersion"] = "policy/v1";
  budget["kind"] = "PodDisruptionBudget";
  budget["metadata"] = std::move(metadata);
  budget["spec"] = std::move(spec);
  Step out;
  out.id = "scale-backend/budget-" + ref.name;
  out.action = Action::create;
  out.object = {"policy/v1", "PodDisruptionBudget", ref.ns, ref.name};
  out.after = json::Value(std::move(budget));
  out.summary = "add a PodDisruptionBudget, so that drains leave one pod";
  return out;
}

Step endpoints_wait(const Ill& ill) {
  Step out;
  out.id = "scale-backend/wait";
  out.action = Action::wait;
  out.wait_for = WaitFor::endpoints;
  out.object = {"v1", "Service", ill.subject->service_namespace, ill.subject->service_name};
  out.summary = "wait until " + out.object.text() + " has a ready endpoint";
  return out;
}

}  // namespace

Proposal scale_backend(Scene& scene, const Ill& ill) {
  Repair repair = repair_for(ill, "scale-backend");
  std::vector<std::string> told;
  for (const diagnose::Workload& one : ill.backend.workloads) {
    const json::Value* workload = one.object;
    const ObjectRef ref = workload_ref(one);
    if (ref.kind != "Deployment" && ref.kind != "StatefulSet") continue;
    const std::int64_t now = json::int_at(*workload, {"spec", "replicas"}, 1);
    const std::int64_t wanted = stands_alone(*workload) ? 1 : std::max(enough_replicas, now + (now > 0 ? 1 : 0));
    if (wanted <= now) continue;
    json::Value before = scene.current(*workload, ref);
    json::Value after(before, json::Storage());
    child(after, "spec")["replicas"] = wanted;
    told.push_back(fmt::format("{} from {} to {}", ref.text(), now, wanted));
    repair.steps.push_back(update_step(scene, "scale-backend/replicas-" + ref.name, ref, std::move(before),
                                       std::move(after), "scale " + told.back()));
    if (wanted >= enough_replicas && !has_budget(scene, *workload)) repair.steps.push_back(budget_step(*workload, ref));
  }
  if (repair.steps.empty()) return Proposal::none("no workload was found that could be scaled");
  repair.steps.push_back(endpoints_wait(ill));
  repair.summary = fmt::format("scale {}", fmt::join(told, ", "));
  repair.risk = "none goes unguarded; whoever scaled it down may have had a reason";
  return {std::move(repair), ""};
}

}  // namespace gatepost::remedy
