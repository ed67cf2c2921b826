#include <array>

#include "formats/names.h"
#include "kube/validation/kinds.h"
#include "kube/validation/metadata.h"
#include "kube/validation/workload.h"

namespace gatepost::kube {
namespace {

constexpr std::int64_t highest_user_priority = 1000000000;

void create_lease(Errors& errors, const Field& object) {
  Field spec = object["spec"];
  Field duration = spec["leaseDurationSeconds"], transitions = spec["leaseTransitions"], strategy = spec["strategy"],
        preferred = spec["preferredHolder"];
  if (duration.present() && duration.integer() <= 0) errors.invalid(duration, "must be greater than 0");
  if (transitions.present() && transitions.integer() < 0)
    errors.invalid(transitions, "must be greater than or equal to 0");
  if (strategy.present() && strategy.text().find('/') == std::string_view::npos &&
      !strategy.is("OldestEmulationVersion"))
    errors.not_supported_shown(strategy["strategy"], shown(strategy.text()), {"OldestEmulationVersion"});
  if (!preferred.text().empty() && strategy.text().empty())
    errors.forbidden(preferred, "may only be specified if `strategy` is defined");
}

void update_lease(Errors& errors, const Field& object, const Field&) {
  create_lease(errors, object);
}

void validate_preemption(Errors& errors, const Field& policy) {
  if (policy.present()) errors.choice(policy, {"PreemptLowerPriority", "Never"});
}

void create_priority_class(Errors& errors, const Field& object) {
  Field metadata = object["metadata"], value = object["value"];
  std::string_view name = metadata["name"].text();
  if (name.starts_with("system-")) {
    bool known = (name == "system-node-critical" && value.integer() == 2000001000) ||
                 (name == "system-cluster-critical" && value.integer() == 2000000000);
    if (!known)
      errors.forbidden(metadata["name"],
                       "priority class names with 'system-' prefix are reserved for system use only. error: " +
                           std::string(name) + " is not a known system priority class");
  } else if (value.integer() > highest_user_priority) {
    errors.forbidden(value,
                     "maximum allowed value of a user defined priority is " + std::to_string(highest_user_priority));
  }
  validate_preemption(errors, object["preemptionPolicy"]);
}

void update_priority_class(Errors& errors, const Field& object, const Field& old_object) {
  if (object["value"].integer() != old_object["value"].integer())
    errors.forbidden(object["value"], "may not be changed in an update.");
  immutable_unless_equal(errors, object["preemptionPolicy"], old_object["preemptionPolicy"]);
}

std::string shown_budget(const Field& spec) {
  Field selector = spec["selector"], eviction = spec["unhealthyPodEvictionPolicy"];
  return "{\"MinAvailable\":" + shown(spec["minAvailable"].value()) + ",\"Selector\":" + shown(selector.value()) +
         ",\"MaxUnavailable\":" + shown(spec["maxUnavailable"].value()) +
         ",\"UnhealthyPodEvictionPolicy\":" + shown(eviction.value()) + "}";
}

void create_budget(Errors& errors, const Field& object) {
  Field spec = object["spec"];
  Field least = spec["minAvailable"], most = spec["maxUnavailable"], eviction = spec["unhealthyPodEvictionPolicy"];
  if (least.present() && most.present())
    errors.invalid_shown(spec, shown_budget(spec), "minAvailable and maxUnavailable cannot be both set");
  for (std::string_view name : {"minAvailable", "maxUnavailable"})
    if (Field field = spec[name]; field.present()) {
      validate_int_or_percent(errors, field);
      not_over_100_percent(errors, field);
    }
  validate_label_selector(errors, spec["selector"]);
  if (eviction.present() && !eviction.is_one_of({"AlwaysAllow", "IfHealthyBudget"}))
    errors.not_supported(eviction, {"AlwaysAllow", "IfHealthyBudget"});
}

void update_budget(Errors& errors, const Field& object, const Field&) {
  create_budget(errors, object);
}

}  // namespace

std::span<const KindRules> cluster_rules() {
  static constexpr std::array rows = {
      KindRules{"coordination.k8s.io", "Lease", create_lease, update_lease},
      KindRules{"scheduling.k8s.io", "PriorityClass", create_priority_class, update_priority_class},
      KindRules{.group = "policy",
                .kind = "PodDisruptionBudget",
                .update = update_budget,
                .update_judges_metadata = false,
                .before_metadata = create_budget},
  };
  return rows;
}

}  // namespace gatepost::kube
