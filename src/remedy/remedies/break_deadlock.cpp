#include <algorithm>
#include <fmt/format.h>
#include <iterator>

#include "diagnose/deadlock.h"
#include "json/write.h"
#include "remedy/remedies/remedies.h"
#include "remedy/remedies/rollout.h"

namespace gatepost::remedy {
namespace {

// Namespaces whose pods this webhook keeps from coming: its backend's own, and those of other dead backends.
std::set<std::string> blocked_namespaces(const Scene& scene, const Ill& ill) {
  std::set<std::string> out = {"kube-system"};
  if (ill.subject->by_service()) out.insert(ill.subject->service_namespace);
  for (const diagnose::Subject& other : scene.subjects) {
    if (!other.by_service() || !diagnose::blocks_pods_of(*ill.subject, other, scene.cluster)) continue;
    const diagnose::Backend backend = diagnose::find_backend(other, scene.cluster);
    if (backend.service && backend.ready_endpoints() == 0) out.insert(other.service_namespace);
  }
  return out;
}

bool same_backend(const json::Value& entry, const diagnose::Subject& subject) {
  if (!subject.by_service()) return json::string_at(entry, {"name"}) == subject.name();
  return json::string_at(entry, {"clientConfig", "service", "name"}) == subject.service_name &&
         json::string_at(entry, {"clientConfig", "service", "namespace"}) == subject.service_namespace;
}

template <class Change>
void each_entry(json::Value& configuration, const diagnose::Subject& subject, Change change) {
  json::Value* hooks = configuration.get_object().if_contains("webhooks");
  for (std::size_t i = 0; hooks && hooks->is_array() && i < hooks->get_array().size(); ++i)
    if (same_backend(hooks->get_array()[i], subject)) change(hooks->get_array()[i]);
}

Step endpoints_wait(const Ill& ill, std::string id, When when) {
  Step out;
  out.id = std::move(id);
  out.action = Action::wait;
  out.wait_for = WaitFor::endpoints;
  out.when = when;
  out.object = {"v1", "Service", ill.subject->service_namespace, ill.subject->service_name};
  out.summary = "wait until " + out.object.text() + " has a ready endpoint";
  return out;
}

Step fail_open(Scene& scene, const Ill& ill, When when) {
  const ObjectRef ref = ill.configuration();
  json::Value before = scene.current(*ill.subject->owner, ref);
  json::Value after(before, json::Storage());
  each_entry(after, *ill.subject, [](json::Value& entry) { entry.get_object()["failurePolicy"] = "Ignore"; });
  Step out = update_step(scene, "break-deadlock/fail-open", ref, std::move(before), std::move(after),
                         "failurePolicy Ignore for the time being");
  out.when = when;
  out.stays = Stays::temporary;
  return out;
}

// Whether the webhook is called for objects that no namespace holds (nodes, volumes) and that a pod may wait for: to
// leave namespaces out is not enough then.
bool reaches_beyond(const diagnose::Subject& subject) {
  constexpr std::string_view cluster_wide[] = {"*",
                                               "*/*",
                                               "nodes",
                                               "persistentvolumes",
                                               "volumeattachments",
                                               "csinodes",
                                               "csidrivers",
                                               "certificatesigningrequests"};
  const json::Array* rules = json::array_at(*subject.webhook, {"rules"});
  for (std::size_t i = 0; rules && i < rules->size(); ++i) {
    const json::Array* resources = json::array_at((*rules)[i], {"resources"});
    if (json::string_at((*rules)[i], {"scope"}) == "Namespaced") continue;
    for (std::size_t k = 0; resources && k < resources->size(); ++k)
      if ((*resources)[k].is_string() && std::find(std::begin(cluster_wide), std::end(cluster_wide),
                                                   json::view((*resources)[k].get_string())) != std::end(cluster_wide))
        return true;
  }
  return false;
}

// What tells that the deadlock is broken: a pod in the backend's own namespace.
Probe own_pod(const std::string& ns) {
  return {
      "/api/v1/namespaces/" + ns + "/pods?dryRun=All",
      R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"gatepost-probe"},"spec":{"containers":[{"name":"probe","image":"probe"}]}})"};
}

}  // namespace

Proposal break_deadlock(Scene& scene, const Ill& ill, Emergency emergency) {
  const diagnose::Subject& subject = *ill.subject;
  if (!subject.by_service() && emergency == Emergency::no)
    return Proposal::none("its backend is outside of the cluster");
  const bool at_once = emergency == Emergency::yes;
  const ObjectRef ref = ill.configuration();
  const std::set<std::string> namespaces = blocked_namespaces(scene, ill);
  Proposal out;
  Repair& repair = out.repair.emplace(repair_for(ill, "break-deadlock"));
  std::vector<Step>& steps = repair.steps;

  json::Value before = scene.current(*subject.owner, ref);
  json::Value after(before, json::Storage());
  bool narrowed = false;
  each_entry(after, subject, [&](json::Value& entry) { narrowed = add_exclusion(entry, namespaces) || narrowed; });
  if (narrowed)
    steps.push_back(update_step(scene, "break-deadlock/exclude-namespaces", ref, std::move(before), std::move(after),
                                fmt::format("leave {} out by namespaceSelector", fmt::join(namespaces, ", "))));
  // What stays: later repairs of this configuration build on it, not on what is taken back.
  const json::Value lasting = scene.current(*subject.owner, ref);
  if (at_once) {
    steps.push_back(fail_open(scene, ill, When::always));
    if (subject.by_service()) steps.push_back(endpoints_wait(ill, "break-deadlock/wait", When::always));
  } else {
    steps.push_back(endpoints_wait(ill, "break-deadlock/wait", When::always));
    // A controller that was refused often waits longer and longer between its attempts; a new template wakes it.
    for (const diagnose::Workload& workload : ill.backend.workloads) {
      if (workload_ref(workload).kind == "ReplicaSet") continue;
      Step restart = restart_step(scene, "break-deadlock/restart-" + workload_ref(workload).name, workload);
      restart.when = When::backend_not_ready;
      steps.push_back(std::move(restart));
    }
    steps.push_back(endpoints_wait(ill, "break-deadlock/wait-restarted", When::backend_not_ready));
    const When wider = reaches_beyond(subject) ? When::backend_not_ready : When::still_blocked;
    steps.push_back(fail_open(scene, ill, wider));
    steps.push_back(endpoints_wait(ill, "break-deadlock/wait-open", wider));
    Step remove;
    remove.id = "break-deadlock/delete";
    remove.action = Action::remove;
    remove.when = wider;
    remove.stays = Stays::temporary;
    remove.object = ref;
    remove.before = scene.current(*subject.owner, ref);
    remove.summary = "delete " + ref.text() + " for the time being";
    steps.push_back(std::move(remove));
    steps.push_back(endpoints_wait(ill, "break-deadlock/wait-deleted", wider));
  }
  Step back;
  back.id = "break-deadlock/put-back";
  back.action = Action::take_back;
  back.object = ref;
  back.summary = "put the policy back; the exclusions stay";
  steps.push_back(std::move(back));
  scene.planned.insert_or_assign(path_of(ref), lasting);

  repair.summary =
      fmt::format("free the backend of {}: leave {} out{}", subject.name(), fmt::join(namespaces, ", "),
                  at_once ? " and fail open until the policy is put back"
                          : ", and only if that is not enough open the webhook until the backend is ready");
  repair.risk =
      fmt::format("objects in {} go unchecked for good; {}", fmt::join(namespaces, ", "),
                  at_once ? "everything else goes unchecked until the policy is put back"
                          : "everything else only if the exclusion is not enough, until the backend is ready or "
                            "the wait is over");
  repair.goal = Goal::passes;
  if (subject.by_service()) {
    repair.probe = own_pod(subject.service_namespace);
    repair.verify = "a dry run of a pod in " + subject.service_namespace + " passes";
  }
  return out;
}

}  // namespace gatepost::remedy
