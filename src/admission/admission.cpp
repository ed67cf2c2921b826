#include "admission/admission.h"

#include <chrono>

#include "admission/dispatch.h"
#include "admission/predicates/rules.h"

namespace gatepost::admission {
namespace {

class WebhookAdmission final : public Admission {
 public:
  explicit WebhookAdmission(Dependencies dependencies)
      : dependencies_(std::move(dependencies)),
        resolver_(dependencies_.store, dependencies_.own_address),
        targets_(resolver_, dependencies_.dial),
        labels_(dependencies_.store),
        mutating_(dependencies_.store, *dependencies_.registry, HookType::mutating, targets_),
        validating_(dependencies_.store, *dependencies_.registry, HookType::validating, targets_) {}

  net::Task<kube::ApiResult<void>> mutate(Attributes& attributes, net::SteadyTime deadline, Trail& trail) override {
    auto start = std::chrono::steady_clock::now();
    kube::ApiResult<void> result;
    auto matches = mutating_.matching(attributes);
    if (!matches->empty())
      result = co_await dispatch_mutating(std::move(matches), attributes, deadline, trail, shared());
    count("admit", attributes, start, !result);
    co_return result;
  }

  net::Task<kube::ApiResult<void>> validate(Attributes& attributes, net::SteadyTime deadline, Trail& trail) override {
    auto start = std::chrono::steady_clock::now();
    kube::ApiResult<void> result;
    auto matches = validating_.matching(attributes);
    if (!matches->empty())
      result = co_await dispatch_validating(std::move(matches), attributes, deadline, trail, shared());
    count("validate", attributes, start, !result);
    co_return result;
  }

  bool idle(const Attributes& attributes) const override {
    auto& self = const_cast<WebhookAdmission&>(*this);  // only remembers the answer
    return self.mutating_.matching(attributes)->empty() && self.validating_.matching(attributes)->empty();
  }

  void write_metrics(std::string& out) const override { metrics_.write(out); }

 private:
  Shared shared() { return {labels_, metrics_, dependencies_.log}; }

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
};

}  // namespace

std::unique_ptr<Admission> Admission::make(Dependencies dependencies) {
  return std::make_unique<WebhookAdmission>(std::move(dependencies));
}

}  // namespace gatepost::admission
