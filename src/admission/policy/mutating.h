// The mutating policies of one request, over both rounds of mutation
// (apiserver/pkg/admission/plugin/policy/mutating/ dispatcher.go).
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "admission/dispatch.h"
#include "admission/policy/policies.h"
#include "admission/policy/texts.h"

namespace gatepost::admission {

class MutatingPolicies {
 public:
  // Both outlive us.
  MutatingPolicies(PolicyParts parts, Attributes& attributes) : parts_(parts), attributes_(attributes) {}

  // Mutates attributes.object. The error is the answer to the client.
  kube::ApiResult<void> run(const PolicySource::Candidates& candidates, MutationRound round);

  // Whether anything was mutated, so that a second round is due.
  bool wants_reinvocation() const { return wants_reinvocation_; }
  // Whether the last run() left another object than it found.
  bool changed_object() const { return changed_object_; }

 private:
  // A policy to run with one parameter of one binding.
  struct Invocation {
    const BoundPolicy* bound;
    const Binding* binding;
    MatchedAs as;
    StoredObjects::Handle param;
  };
  // The objects in one version; `object` moves on with each mutation.
  struct Versioned {
    Kind kind;
    json::Value object, old_object;
    bool changed = false;
  };

  void collect(const BoundPolicy& bound, std::vector<Invocation>& out);
  kube::ApiResult<void> invoke(const Invocation& invocation, MutationRound round, RequestValues& values,
                               Versioned*& last);
  kube::ApiResult<void> take_over(const Versioned& last);
  Versioned* in_version(const MatchedAs& as, std::string& problem);
  void refuse(const Policy& policy, const Binding* binding, const char* reason, std::string message);
  void reinvoke_earlier_ones();

  PolicyParts parts_;
  Attributes& attributes_;
  bool wants_reinvocation_ = false, changed_object_ = false;
  json::Value last_output_;
  std::vector<std::string> previously_invoked_;  // reinvocable ones, run again once another one
                                                 // changes the object
  std::set<std::string> reinvoked_;
  // Of the round under way.
  std::vector<std::unique_ptr<Versioned>> versions_;
  std::vector<PolicyDenial> denials_;
};

}  // namespace gatepost::admission
