// The two dispatchers share this: what a request carries through them, and whether a webhook is to be called.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "admission/admission.h"
#include "admission/call.h"
#include "admission/expressions/inputs.h"
#include "admission/metrics.h"
#include "admission/predicates/namespace_selector.h"
#include "admission/source.h"

namespace gatepost::admission {

enum class MutationRound { first, reinvocation };

// What both dispatchers use; owned by Admission.
struct Shared {
  NamespaceLabels& labels;
  Metrics& metrics;
  const LogSink& log;
  const kube::Registry& registry;
  const Authorize& authorize;
  const Convert& convert;
};

// The selectors, which look at the object in the request's version.
kube::ApiResult<bool> selects(const Match& match, const Attributes& attributes, Shared& shared);

// The match conditions, which look at `request`. The error is the answer to the client (failurePolicy Fail).
kube::ApiResult<bool> meets_conditions(const Match& match, const Attributes& attributes,
                                       const VersionedRequest& request, RequestValues& values, Shared& shared);

// The object in the version that the webhook wants to see. `match` and `attributes` outlive it.
net::Task<kube::ApiResult<VersionedRequest>> versioned(const Match& match, const Attributes& attributes,
                                                       Shared& shared);

// `object` from one version into another, as matchPolicy Equivalent asks for.
net::Task<kube::ApiResult<json::Value>> in_version(json::Value object, Kind from, Kind to, Shared& shared);

// True for a webhook that must not see a dry run.
bool refuses_dry_run(const Hook& hook, const Attributes& attributes);

// The error's text behind nothing: `failed calling webhook "x": ...`.
std::string failure_text(const Hook& hook, const AnswerError& error);

// Warnings and audit annotations of an answer into the request's trail.
void take_notes(const Hook& hook, const ReviewAnswer& answer, Trail& trail);

// Which webhooks of a request are called again, and when (kubernetes admission/plugin/webhook/mutating/
// reinvocationcontext.go).
struct Reinvocation {
  bool due = false;                            // the object was changed: a second round comes
  std::set<std::string> wanted;                // to be called in the second round
  std::vector<std::string> previously_called;  // that may be reinvoked once another one changes the object
  void earlier_ones();
};

// One round of the mutating webhooks, in order.
net::Task<kube::ApiResult<void>> dispatch_mutating(std::shared_ptr<const std::vector<Match>> matches,
                                                   Attributes& attributes, net::SteadyTime deadline, Trail& trail,
                                                   Shared shared, Reinvocation& reinvocation, MutationRound round);
net::Task<kube::ApiResult<void>> dispatch_validating(std::shared_ptr<const std::vector<Match>> matches,
                                                     const Attributes& attributes, net::SteadyTime deadline,
                                                     Trail& trail, Shared shared);

}  // namespace gatepost::admission
