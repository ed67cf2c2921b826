#include "admission/admission.h"

#include <chrono>

#include "admission/dispatch.h"
#include "admission/policy/mutating.h"
#include "admission/predicates/rules.h"

namespace gatepost::admission {
namespace {

class WebhookAdmission final : public Admission {
 public:
  explicit WebhookAdmission(Dependencies dependencies)
      : dependencies_(std::move(dependencies)),
        resolver_(dependencies_.store, dependencies_.own_address),
        targets_(resolver_, dependencies_.dial, dependencies_.make_client),
        labels_(dependencies_.store),
        mutating_(dependencies_.store, *dependencies_.registry, HookType::mutating, targets_),
        validating_(dependencies_.store, *dependencies_.registry, HookType::validating, targets_),
        matcher_(*dependencies_.registry, labels_),
        objects_(dependencies_.store),
        mutating_policies_(dependencies_.store, PolicyType::mutating),
        validating_policies_(dependencies_.store, PolicyType::validating) {}

  net::Task<kube::ApiResult<void>> mutate(Attributes& attributes, net::SteadyTime deadline, Trail& trail) override {
    auto start = std::chrono::steady_clock::now();
    kube::ApiResult<void> result;
    MutatingPolicies policies(policy_parts(), attributes);
    Reinvocation reinvocation;
    result = co_await mutate_once(policies, attributes, deadline, trail, reinvocation, MutationRound::first);
    if (result && (reinvocation.due || policies.wants_reinvocation()))
      result = co_await mutate_once(policies, attributes, deadline, trail, reinvocation, MutationRound::reinvocation);
    count("admit", attributes, start, !result);
    co_return result;
  }

  net::Task<kube::ApiResult<void>> validate(Attributes& attributes, net::SteadyTime deadline, Trail& trail) override {
    auto start = std::chrono::steady_clock::now();
    kube::ApiResult<void> result;
    result =
        validate_by_policies(policy_parts(), validating_policies_.candidates(attributes, matcher_), attributes, trail);
    auto matches = validating_.matching(attributes);
    if (result && !matches->empty()) {
      result = co_await dispatch_validating(std::move(matches), attributes, deadline, trail, shared());
      trail.validating += std::chrono::steady_clock::now() - start;
    }
    count("validate", attributes, start, !result);
    co_return result;
  }

  bool may_mutate(const Attributes& attributes) const override {
    auto& self = const_cast<WebhookAdmission&>(*this);  // only remembers the answer
    return !self.mutating_.matching(attributes)->empty() ||
           !self.mutating_policies_.candidates(attributes, matcher_).empty();
  }

  TargetCache& targets() override { return targets_; }

  void write_metrics(std::string& out) const override { metrics_.write(out); }

 private:
  net::Task<kube::ApiResult<void>> mutate_once(MutatingPolicies& policies, Attributes& attributes,
                                               net::SteadyTime deadline, Trail& trail, Reinvocation& reinvocation,
                                               MutationRound round) {
    auto result = policies.run(mutating_policies_.candidates(attributes, matcher_), round);
    if (!result) co_return result;
    auto matches = mutating_.matching(attributes);
    if (matches->empty()) co_return result;
    // What policies changed since the first round is a reason to call again,
    // too.
    if (round == MutationRound::reinvocation && policies.changed_object()) reinvocation.earlier_ones();
    auto start = std::chrono::steady_clock::now();
    result = co_await dispatch_mutating(std::move(matches), attributes, deadline, trail, shared(), reinvocation, round);
    trail.mutating += std::chrono::steady_clock::now() - start;
    co_return result;
  }

  PolicyParts policy_parts() {
    return {*dependencies_.registry, matcher_, objects_, dependencies_.authorize, metrics_};
  }
  Shared shared() {
    return {
        labels_, metrics_, dependencies_.log, *dependencies_.registry, dependencies_.authorize, dependencies_.convert};
  }

  void count(std::string_view type, const Attributes& attributes, net::SteadyTime start, bool rejected) {
    double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    metrics_.step(type, operation_name(attributes.operation), rejected, seconds);
  }

  Dependencies dependencies_;
  ServiceResolver resolver_;
  TargetCache targets_;
  NamespaceLabels labels_;
  Metrics metrics_;
  Source mutating_, validating_;
  ResourceMatcher matcher_;
  StoredObjects objects_;
  PolicySource mutating_policies_, validating_policies_;
};

}  // namespace

std::unique_ptr<Admission> Admission::make(Dependencies dependencies) {
  return std::make_unique<WebhookAdmission>(std::move(dependencies));
}

}  // namespace gatepost::admission
