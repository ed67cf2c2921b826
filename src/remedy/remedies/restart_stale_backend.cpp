#include <fmt/format.h>

#include "remedy/remedies/remedies.h"
#include "remedy/remedies/rollout.h"

namespace gatepost::remedy {

Step restart_step(Scene& scene, std::string id, const diagnose::Workload& workload) {
  const ObjectRef ref = workload_ref(workload);
  json::Value before = scene.current(*workload.object, ref);
  json::Value after(before, json::Storage());
  json::Value& pod_template = after.get_object()["spec"].get_object()["template"];
  child(pod_template, "metadata");
  child(pod_template.get_object()["metadata"], "annotations")["kubectl.kubernetes.io/restartedAt"] = rfc3339(scene.now);
  return update_step(scene, std::move(id), ref, std::move(before), std::move(after),
                     "rollout restart of " + ref.text());
}

Step rollout_wait(std::string id, const diagnose::Workload& workload) {
  Step out;
  out.id = std::move(id);
  out.action = Action::wait;
  out.wait_for = WaitFor::rollout;
  out.object = workload_ref(workload);
  out.summary = "wait until all pods of " + out.object.text() + " are new and ready";
  return out;
}

bool add_restart(Scene& scene, const Ill& ill, const std::string& prefix, std::vector<Step>& steps) {
  std::vector<Step> waits;
  for (const diagnose::Workload& workload : ill.backend.workloads) {
    const ObjectRef ref = workload_ref(workload);
    if (ref.kind == "ReplicaSet") continue;  // its pods would not follow the template
    const std::string suffix = ill.backend.workloads.size() == 1 ? "" : "-" + ref.name;
    steps.push_back(restart_step(scene, prefix + "restart" + suffix, workload));
    waits.push_back(rollout_wait(prefix + "rollout" + suffix, workload));
  }
  for (Step& wait : waits) steps.push_back(std::move(wait));
  return !waits.empty();
}

Proposal restart_stale_backend(Scene& scene, const Ill& ill) {
  Proposal out;
  Repair repair = repair_for(ill, "restart-stale-backend");
  if (!add_restart(scene, ill, "restart-stale-backend/", repair.steps))
    return Proposal::none(
        "no Deployment, StatefulSet or DaemonSet makes the pods: delete them by hand so that they come "
        "back with the certificate of the Secret");
  repair.summary = "restart the backend so that it serves the certificate that its Secret holds";
  repair.risk = ill.backend.replicas > 1
                    ? "pods change over one after the other; calls go to those that are ready"
                    : "with one replica the webhook may be away for the seconds that the new pod takes";
  out.repair = std::move(repair);
  return out;
}

}  // namespace gatepost::remedy
