#include "remedy/planner.h"

#include <algorithm>
#include <fmt/format.h>
#include <span>
#include <utility>

#include "base/random.h"
#include "remedy/change.h"
#include "remedy/instructions.h"
#include "remedy/owners.h"
#include "remedy/remedies/remedies.h"

namespace gatepost::remedy {
namespace {

using Remedy = Proposal (*)(Scene&, const Ill&);

Proposal gradual(Scene& scene, const Ill& ill) {
  return break_deadlock(scene, ill, Emergency::no);
}

struct Row {
  std::string_view why;          // a root cause, or a cause where no root is known
  std::vector<Remedy> first;     // the first that has a repair is taken
  std::vector<Remedy> optional;  // further ones that may be chosen by --step
};

const std::vector<Row>& rows() {
  static const std::vector<Row> table = {
      {"ca-bundle-stale", {resync_ca_bundle, restart_stale_backend}, {}},
      {"ca-bundle-missing", {resync_ca_bundle}, {}},
      {"ca-injector-misconfigured", {resync_ca_bundle}, {}},
      {"ca-injector-missing", {resync_ca_bundle}, {}},
      {"two-writers", {resync_ca_bundle}, {}},
      {"unknown-authority", {resync_ca_bundle}, {}},
      {"bad-ca-bundle", {resync_ca_bundle}, {}},
      {"secret-renewed-backend-stale", {restart_stale_backend}, {}},
      {"certificate-expired", {renew_certificate}, {}},
      {"certificate-lacks-service-name", {renew_certificate}, {}},
      {"cert-expired", {renew_certificate}, {}},
      {"name-mismatch", {renew_certificate}, {}},
      {"no-san", {renew_certificate}, {}},
      {"key-usage", {renew_certificate}, {}},
      {"self-deadlock", {gradual}, {}},
      {"mutual-deadlock", {gradual}, {}},
      {"service-port-missing", {fix_service_reference}, {}},
      {"target-port-mismatch", {fix_service_reference}, {}},
      {"wrong-path", {fix_service_reference}, {}},
      {"not-found-path", {fix_service_reference}, {}},
      {"selector-matches-nothing", {fix_service_reference}, {}},
      {"stale-configuration", {fix_service_reference, delete_stale_configuration}, {}},
      {"namespace-missing", {fix_service_reference, delete_stale_configuration}, {}},
      {"service-not-found", {fix_service_reference, delete_stale_configuration}, {}},
      {"backend-scaled-to-zero", {scale_backend}, {}},
      {"timeout-too-low", {raise_timeout}, {scale_backend}},
      {"slow-backend", {raise_timeout}, {scale_backend, lower_timeout}},
      {"deadline-exceeded", {raise_timeout}, {lower_timeout}},
      {"control-plane-blocked", {}, {lower_timeout}},
      {"connection-timeout", {}, {lower_timeout}},
      {"network-policy-blocks", {}, {lower_timeout}},
      {"request-budget-exhausted", {}, {lower_timeout}},
  };
  return table;
}

const Row* row_for(std::string_view why) {
  const auto& table = rows();
  auto found = std::find_if(table.begin(), table.end(), [&](const Row& row) { return row.why == why; });
  return found == table.end() ? nullptr : &*found;
}

// What may be chosen for every cause.
const std::vector<Remedy>& usual_options() {
  static const std::vector<Remedy> options = {exclude_namespaces, set_failure_policy};
  return options;
}

bool names_step(const std::string& wanted, const Repair& repair, const Step& step) {
  return wanted == step.id || wanted == repair.remedy;
}

std::string number(std::size_t n) {
  return "-" + std::to_string(n);
}

// Ids are unique in a plan: repairs of further webhooks get a number.
void make_unique(Plan& plan) {
  std::map<std::string, std::size_t> seen;
  for (Repair& repair : plan.repairs) {
    const std::size_t n = ++seen[repair.remedy];
    if (n == 1) continue;
    for (Step& step : repair.steps) {
      const std::size_t slash = step.id.find('/');
      step.id.insert(std::min(slash, step.id.size()), number(n));
    }
  }
}

// Whether the plan's earlier repairs already change all that this one would.
bool adds_nothing(const Repair& repair) {
  return std::none_of(repair.steps.begin(), repair.steps.end(), [](const Step& step) {
    return step.writes() && !(step.action == Action::update && changes_between(*step.before, *step.after).empty() &&
                              step.subresource.empty());
  });
}

// Whether an earlier repair deals with this webhook as well: its configuration is deleted, or the deadlock of its
// backend is broken for all webhooks that call it.
bool covered(const Plan& plan, const Scene& scene, const Ill& ill) {
  if (scene.removed.contains(path_of(ill.configuration()))) return true;
  const ObjectRef service{"v1", "Service", ill.subject->service_namespace, ill.subject->service_name};
  return std::any_of(plan.repairs.begin(), plan.repairs.end(), [&](const Repair& repair) {
    return repair.remedy == "break-deadlock" && repair.configuration == ill.finding.configuration &&
           std::any_of(repair.steps.begin(), repair.steps.end(),
                       [&](const Step& step) { return step.object == service; });
  });
}

void keep_originals(Plan& plan) {
  for (const Repair& repair : plan.repairs)
    for (const Step& step : repair.steps)
      if (step.writes() && step.before && !plan.original(step.object)) plan.originals.push_back(*step.before);
}

}  // namespace

Plan empty_plan(WallTime now, const std::string& server) {
  Plan plan;
  plan.created = rfc3339(now);
  plan.id = plan.created;
  std::erase_if(plan.id, [](char c) { return c == '-' || c == ':'; });
  plan.id += "-" + random_name_suffix();
  plan.server = server;
  return plan;
}

void finish_plan(Plan& plan) {
  for (Repair& repair : plan.repairs) repair.lasting = lasting_lines(repair.steps);
  make_unique(plan);
  keep_originals(plan);
}

Plan make_plan(Survey& survey, const std::string& server) {
  Scene& scene = survey.scene;
  Plan plan = empty_plan(scene.now, server);
  std::vector<Repair> optional;
  for (const auto& ill : survey.ills) {
    const Row* row = row_for(ill->finding.root_cause);
    if (!row) row = row_for(ill->finding.cause);
    if (ill->finding.severity == report::Severity::info || covered(plan, scene, *ill)) continue;
    std::string why_not;
    bool done = false;
    for (const Remedy remedy : row ? row->first : std::vector<Remedy>()) {
      Proposal proposal = remedy(scene, *ill);
      if (proposal.repair) {
        if (!adds_nothing(*proposal.repair)) plan.repairs.push_back(std::move(*proposal.repair));
        done = true;
        break;
      }
      if (!why_not.empty()) why_not += "; ";
      why_not += proposal.why_not;
    }
    if (!done) plan.instructions.push_back(instruct(scene, *ill, std::move(why_not)));
    std::vector<Remedy> options = row ? row->optional : std::vector<Remedy>();
    options.insert(options.end(), usual_options().begin(), usual_options().end());
    for (const Remedy remedy : options) {
      // An alternative does not build on the plan, nor the plan on it.
      auto planned = std::exchange(scene.planned, {});
      Proposal proposal = remedy(scene, *ill);
      scene.planned = std::move(planned);
      if (!proposal.repair || adds_nothing(*proposal.repair)) continue;
      proposal.repair->optional = true;
      optional.push_back(std::move(*proposal.repair));
    }
  }
  for (Repair& repair : optional) plan.repairs.push_back(std::move(repair));
  finish_plan(plan);
  return plan;
}

Result<void> pick_steps(Plan& plan, const std::vector<std::string>& ids) {
  if (ids.empty()) return {};
  std::string known;
  for (const Repair& repair : plan.repairs)
    for (const Step& step : repair.steps) known += (known.empty() ? "" : ", ") + step.id;
  for (const std::string& id : ids) {
    const bool there = std::any_of(plan.repairs.begin(), plan.repairs.end(), [&](const Repair& repair) {
      return std::any_of(repair.steps.begin(), repair.steps.end(),
                         [&](const Step& step) { return names_step(id, repair, step); });
    });
    if (!there) return fail(fmt::format("the plan has no step {}{}", id, known.empty() ? "" : "; it has " + known));
  }
  for (Repair& repair : plan.repairs) {
    std::erase_if(repair.steps, [&](const Step& step) {
      return std::none_of(ids.begin(), ids.end(), [&](const std::string& id) { return names_step(id, repair, step); });
    });
    repair.optional = false;
  }
  std::erase_if(plan.repairs, [](const Repair& repair) { return repair.steps.empty(); });
  return {};
}

std::vector<std::string_view> remedy_ids() {
  return {"resync-ca-bundle",
          "restart-stale-backend",
          "renew-certificate",
          "break-deadlock",
          "fix-service-reference",
          "raise-timeout",
          "lower-timeout",
          "scale-backend",
          "exclude-namespaces",
          "set-failure-policy",
          "delete-stale-configuration"};
}

}  // namespace gatepost::remedy
