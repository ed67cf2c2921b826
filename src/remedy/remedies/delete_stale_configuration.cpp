#include <algorithm>
#include <fmt/format.h>

#include "diagnose/nearest.h"
#include "remedy/remedies/remedies.h"

namespace gatepost::remedy {
namespace {

// Workloads that look as if the product were still there.
std::vector<std::string> relatives(const Scene& scene, const diagnose::Subject& subject) {
  std::vector<std::string> names;
  for (const diagnose::Table* table :
       {&scene.cluster.deployments, &scene.cluster.stateful_sets, &scene.cluster.daemon_sets})
    for (const json::Value* workload : table->in(subject.service_namespace))
      names.emplace_back(json::string_at(*workload, {"metadata", "name"}));
  return diagnose::nearest(subject.service_name, names);
}

bool points_at(const json::Value& entry, const diagnose::Subject& subject) {
  return json::string_at(entry, {"clientConfig", "service", "name"}) == subject.service_name &&
         json::string_at(entry, {"clientConfig", "service", "namespace"}) == subject.service_namespace;
}

}  // namespace

Proposal delete_stale_configuration(Scene& scene, const Ill& ill) {
  const diagnose::Subject& subject = *ill.subject;
  if (!subject.by_service())
    return Proposal::none("its backend is outside of the cluster, and nobody can tell that it is gone for good");
  if (const auto there = relatives(scene, subject); !there.empty())
    return Proposal::none(
        fmt::format("the product seems to be there still ({} in {}): bring its Service {} back instead",
                    fmt::join(there, ", "), subject.service_namespace, subject.service_name));
  const ObjectRef ref = ill.configuration();
  json::Value before = scene.current(*subject.owner, ref);
  json::Value after(before, json::Storage());
  json::Array& hooks = after.get_object()["webhooks"].get_array();
  hooks.erase(
      std::remove_if(hooks.begin(), hooks.end(), [&](const json::Value& entry) { return points_at(entry, subject); }),
      hooks.end());
  const bool whole_object = hooks.empty();
  Proposal out;
  Repair& repair = out.repair.emplace(repair_for(ill, "delete-stale-configuration"));
  repair.summary = whole_object ? fmt::format("delete {}: the Service {}/{} that it calls is gone", ref.text(),
                                              subject.service_namespace, subject.service_name)
                                : fmt::format("take the webhooks of {}/{} out of {}; its other webhooks stay",
                                              subject.service_namespace, subject.service_name, ref.text());
  repair.risk = "what this product checked is no longer checked; a new installation brings its configuration back";
  repair.goal = Goal::passes;
  if (whole_object) {
    Step step;
    step.id = "delete-stale-configuration";
    step.action = Action::remove;
    step.object = ref;
    step.before = std::move(before);
    step.summary = "delete " + ref.text();
    scene.removed.insert(path_of(ref));
    repair.steps.push_back(std::move(step));
  } else {
    repair.steps.push_back(update_step(scene, "delete-stale-configuration", ref, std::move(before), std::move(after),
                                       "take the dead webhooks out"));
  }
  return out;
}

}  // namespace gatepost::remedy
