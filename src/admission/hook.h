// Hook: one webhook of a configuration, compiled: what a request needs to know of it, without the configuration's JSON.
// Immutable and shared; a request that runs while the configuration changes keeps the hooks it started with.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admission/predicates/match_conditions.h"
#include "admission/predicates/rules.h"
#include "admission/targets.h"
#include "kube/selector/selector.h"

namespace gatepost::admission {

enum class HookType { mutating, validating };
enum class FailurePolicy { fail, ignore };
enum class SideEffects { none, none_on_dry_run, some, unknown };
enum class ReviewVersion { none, v1, v1beta1 };  // none: the webhook accepts no version that we know

struct Hook {
  HookType type = HookType::validating;
  std::string name, configuration;
  std::string uid;  // configuration/name/how many of that name came before it there
  std::vector<Rule> rules;
  bool equivalent = true;  // matchPolicy
  Result<kube::LabelSelector> namespace_selector, object_selector;
  std::shared_ptr<const MatchConditions> conditions;  // null: none
  FailurePolicy failure_policy = FailurePolicy::fail;
  SideEffects side_effects = SideEffects::unknown;
  ReviewVersion review_version = ReviewVersion::none;
  std::chrono::seconds timeout{10};
  bool reinvocable = false;  // reinvocationPolicy IfNeeded
  Target::Handle target;
};

// The webhooks of a configuration as stored, in its order. Fields have been defaulted and validated when it was
// written; what is missing all the same takes its default.
std::vector<std::shared_ptr<const Hook>> compile_hooks(const json::Value& configuration, HookType type,
                                                       TargetCache& targets);

// "admit" and "validating": the `type` label of metrics.
std::string_view metric_type(HookType type);

}  // namespace gatepost::admission
