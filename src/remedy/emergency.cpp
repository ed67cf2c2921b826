#include "remedy/emergency.h"

#include <algorithm>
#include <fmt/format.h>

#include "diagnose/nearest.h"
#include "remedy/planner.h"
#include "remedy/remedies/remedies.h"
#include "remedy/scene.h"

namespace gatepost::remedy {
namespace {

// Opening by deletion: in place of failing open.
void delete_instead(Repair& repair, const Ill& ill) {
  const ObjectRef ref = ill.configuration();
  for (Step& step : repair.steps) {
    if (step.stays != Stays::temporary || step.action != Action::update) continue;
    step.id = "break-deadlock/delete";
    step.action = Action::remove;
    step.after.reset();
    step.summary = "delete " + ref.text() + " for the time being";
  }
  repair.risk = "everything that " + ref.text() + " checks goes unchecked until it is put back";
}

}  // namespace

net::Task<Result<Plan, EmergencyError>> emergency_plan(client::Rest* rest, std::string name, Opening opening,
                                                       WallTime now) {
  Scene scene;
  scene.now = now;
  if (auto read = co_await diagnose::read_cluster(rest, &scene.cluster); !read)
    co_return fail_with(EmergencyError{EmergencyError::Kind::cluster, std::move(read.error().text)});
  scene.subjects = diagnose::subjects(scene.cluster);
  Plan plan = empty_plan(now, rest->connection().server);
  std::vector<std::string> known, opened;
  for (const diagnose::Subject& subject : scene.subjects) {
    known.push_back(subject.configuration);
    known.push_back(subject.name());
    if (subject.configuration != name && subject.name() != name) continue;
    Ill ill;
    ill.subject = &subject;
    ill.finding.webhook = subject.name();
    ill.finding.configuration = subject.kind + "/" + subject.configuration;
    ill.backend = diagnose::find_backend(subject, scene.cluster);
    Proposal proposal = break_deadlock(scene, ill, Emergency::yes);
    if (!proposal.repair) continue;
    if (opening == Opening::remove) {
      // A configuration is deleted once, whichever of its webhooks was named.
      if (std::find(opened.begin(), opened.end(), ill.finding.configuration) != opened.end()) continue;
      opened.push_back(ill.finding.configuration);
      delete_instead(*proposal.repair, ill);
    }
    plan.repairs.push_back(std::move(*proposal.repair));
  }
  if (plan.repairs.empty()) {
    const auto similar = diagnose::nearest(name, known);
    co_return fail_with(
        EmergencyError{EmergencyError::Kind::use,
                       fmt::format("there is no webhook or configuration called {}{}", name,
                                   similar.empty() ? "" : fmt::format("; there are {}", fmt::join(similar, ", ")))});
  }
  finish_plan(plan);
  co_return plan;
}

}  // namespace gatepost::remedy
