#include "admission/policy/mutating.h"

#include <chrono>

#include "admission/dispatch.h"
#include "admission/policy/mutate.h"
#include "admission/policy/params.h"
#include "kube/schema/object.h"

namespace gatepost::admission {
namespace {

std::string key_of(const Policy& policy, const Binding& binding, const json::Value* param) {
  std::string key = policy.name + "\n" + binding.name + "\n";
  if (!param) return key;
  return key + std::string(json::string_at(*param, {"metadata", "namespace"})) + "/" +
         std::string(json::string_at(*param, {"metadata", "name"}));
}

}  // namespace

void MutatingPolicies::refuse(const Policy& policy, const Binding* binding, const char* reason, std::string message) {
  if (policy.fail_open) return;
  denials_.push_back({policy.name, binding ? binding->name : "", reason, std::move(message)});
}

void MutatingPolicies::reinvoke_earlier_ones() {
  for (std::string& key : previously_invoked_) reinvoked_.insert(std::move(key));
  previously_invoked_.clear();
}

MutatingPolicies::Versioned* MutatingPolicies::in_version(const MatchedAs& as, std::string& problem) {
  for (const auto& known : versions_)
    if (known->kind == as.kind) return known.get();
  auto made = VersionedRequest::make(attributes_, as.kind, as.resource);
  if (!made) {
    problem = std::move(made.error().message);
    return nullptr;
  }
  versions_.push_back(std::make_unique<Versioned>(Versioned{as.kind, made->object(), made->old_object()}));
  return versions_.back().get();
}

void MutatingPolicies::collect(const BoundPolicy& bound, std::vector<Invocation>& out) {
  constexpr const char* of_policy = "failed to configure policy: ";
  constexpr const char* of_binding = "failed to configure binding: ";
  const Policy& policy = *bound.policy;
  auto matched = parts_.matcher.match(policy.constraints, attributes_);
  if (!matched) return refuse(policy, nullptr, "", of_policy + matched.error().text);
  if (!*matched) return;
  if (std::string problem = unknown_param_kind(policy.param_kind, parts_.registry); !problem.empty())
    return refuse(policy, nullptr, "", of_policy + problem);
  for (const auto& binding : bound.bindings) {
    if (binding->match) {
      auto wanted = parts_.matcher.match(*binding->match, attributes_);
      if (!wanted) refuse(policy, binding.get(), "", of_binding + wanted.error().text);
      if (!wanted || !*wanted) continue;
    }
    if (std::string problem; !in_version(**matched, problem)) {
      refuse(policy, nullptr, "", of_policy + problem);
      continue;
    }
    auto params = collect_params(policy.param_kind, *binding, attributes_.ns, parts_.registry, parts_.objects);
    if (!params) {
      refuse(policy, binding.get(), "", of_binding + params.error().text);
      continue;
    }
    for (StoredObjects::Handle& param : *params) out.push_back({&bound, binding.get(), **matched, std::move(param)});
  }
}

kube::ApiResult<void> MutatingPolicies::invoke(const Invocation& invocation, MutationRound round, RequestValues& values,
                                               Versioned*& last) {
  const BoundPolicy& bound = *invocation.bound;
  const Policy& policy = *bound.policy;
  std::string unused;
  Versioned& seen = *in_version(invocation.as, unused);
  RequestAuthorizer authorizer(attributes_.user, parts_.authorize);
  StoredObjects::Handle ns;
  Inputs inputs{.object = &seen.object,
                .old_object = &seen.old_object,
                .request = &values.get(invocation.as.kind, invocation.as.resource),
                .params = invocation.param.get(),
                .attributes = &attributes_};
  if (bound.asks_authorizer) inputs.authorizer = &authorizer;
  if (bound.asks_namespace) {
    auto found = namespace_of(parts_, attributes_);
    if (!found) return fail_with(std::move(found.error()));
    ns = std::move(*found);
    inputs.namespace_object = ns.get();
  }
  if (policy.conditions) {
    auto verdict = policy.conditions->evaluate(inputs, &policy.variables);
    if (!verdict.error.empty()) refuse(policy, invocation.binding, "Invalid", std::move(verdict.error));
    if (!verdict.matches || !verdict.error.empty()) return {};
  }
  std::string key = key_of(policy, *invocation.binding, invocation.param.get());
  if (round == MutationRound::reinvocation && !reinvoked_.contains(key)) return {};

  const json::Value before = seen.object;
  for (const Mutation& mutation : policy.mutations) {
    last = &seen;
    if (seen.object.is_null()) continue;
    const auto start = std::chrono::steady_clock::now();
    auto mutated = mutate(policy, mutation, inputs, seen.kind);
    parts_.metrics.mutated(policy.name, invocation.binding->name, mutated ? "" : mutated.error().told(),
                           std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    if (mutated) {
      seen.object = std::move(*mutated);
      seen.changed = true;
    } else if (mutated.error().final) {
      return fail_with(std::move(mutated.error().status));
    } else {
      refuse(policy, invocation.binding, "Invalid", std::move(mutated.error().why));
    }
  }
  if (!(before == seen.object)) {
    reinvoke_earlier_ones();
    wants_reinvocation_ = true;
  }
  if (policy.reinvocable) previously_invoked_.push_back(std::move(key));
  return {};
}

kube::ApiResult<void> MutatingPolicies::take_over(const Versioned& last) {
  reinvoke_earlier_ones();
  wants_reinvocation_ = true;
  json::Value object = last.object;
  if (!(last.kind == attributes_.kind)) {
    kube::GroupVersionKind from{last.kind.group, last.kind.version, last.kind.kind};
    kube::GroupVersionKind to{attributes_.kind.group, attributes_.kind.version, attributes_.kind.kind};
    if (auto converted = kube::convert(object, from, to); !converted)
      return fail_with(kube::internal_error("failed to convert object: " + converted.error().message));
  }
  changed_object_ = !(object == attributes_.object);
  attributes_.object = std::move(object);
  return {};
}

kube::ApiResult<void> MutatingPolicies::run(const PolicySource::Candidates& candidates, MutationRound round) {
  changed_object_ = false;
  if (candidates.empty()) return {};
  versions_.clear();
  denials_.clear();
  std::vector<Invocation> invocations;
  for (const BoundPolicy* bound : candidates) collect(*bound, invocations);
  if (!invocations.empty()) {
    // What others changed since the last round is a reason to run again, too.
    if (round == MutationRound::reinvocation && !(last_output_ == attributes_.object)) reinvoke_earlier_ones();
    RequestValues values(attributes_);
    Versioned* last = nullptr;
    for (const Invocation& invocation : invocations)
      if (auto done = invoke(invocation, round, values, last); !done) return done;
    if (last && !last->object.is_null() && last->changed)
      if (auto taken = take_over(*last); !taken) return taken;
    last_output_ = attributes_.object;
  }
  if (denials_.empty()) return {};
  return fail_with(denied_by_mutating_policies(attributes_, denials_));
}

}  // namespace gatepost::admission
