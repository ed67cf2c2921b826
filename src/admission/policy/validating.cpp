// apiserver/pkg/admission/plugin/policy/validating/dispatcher.go
#include <algorithm>

#include "admission/dispatch.h"
#include "admission/policy/judge.h"
#include "admission/policy/params.h"
#include "admission/policy/policies.h"
#include "admission/policy/texts.h"
#include "json/write.h"

namespace gatepost::admission {
namespace {

constexpr std::size_t longest_annotation = 10 * 1024;

// Values of a policy's audit annotations, each once, in order of their keys' first use.
class Annotations {
 public:
  void add(const std::string& key, std::string value) {
    value.resize(std::min(value.size(), longest_annotation));
    auto known = std::find_if(values_.begin(), values_.end(), [&](const auto& entry) { return entry.first == key; });
    if (known == values_.end()) known = values_.insert(known, {key, {}});
    if (std::find(known->second.begin(), known->second.end(), value) == known->second.end())
      known->second.push_back(std::move(value));
  }

  void publish(const std::string& policy, Trail& trail) const {
    for (const auto& [key, values] : values_) {
      std::string joined;
      for (const std::string& value : values) joined += (&value == &values.front() ? "" : ", ") + value;
      annotate(trail, policy + "/" + key, std::move(joined));
    }
  }

 private:
  std::vector<std::pair<std::string, std::vector<std::string>>> values_;
};

// One request on its way through all policies. The first denial is the answer, but all are evaluated: their warnings
// and audit annotations count.
class Run {
 public:
  Run(const PolicyParts& parts, const Attributes& attributes, Trail& trail)
      : parts_(parts),
        attributes_(attributes),
        trail_(trail),
        authorizer_(attributes.user, parts.authorize),
        values_(attributes) {}

  // False: the request cannot be judged at all, see `problem`.
  kube::ApiResult<void> policy(const BoundPolicy& bound) {
    auto matched = parts_.matcher.match(bound.policy->constraints, attributes_);
    if (!matched) {
      cannot_configure(*bound.policy, nullptr, matched.error().text);
      return {};
    }
    if (!*matched) return {};
    if (std::string problem = unknown_param_kind(bound.policy->param_kind, parts_.registry); !problem.empty()) {
      cannot_configure(*bound.policy, nullptr, problem);
      return {};
    }
    Annotations annotations;
    std::optional<VersionedRequest> converted;
    for (const auto& item : bound.bindings)
      if (auto done = binding(bound, *item, **matched, converted, annotations); !done) return done;
    annotations.publish(bound.policy->name, trail_);
    return {};
  }

  kube::ApiResult<void> answer() const {
    if (!denial_) return {};
    return fail_with(denied_by_validating_policy(attributes_, *denial_));
  }

 private:
  kube::ApiResult<void> binding(const BoundPolicy& bound, const Binding& binding, const MatchedAs& matched,
                                std::optional<VersionedRequest>& converted, Annotations& annotations) {
    if (binding.match) {
      auto wanted = parts_.matcher.match(*binding.match, attributes_);
      if (!wanted) {
        cannot_configure(*bound.policy, &binding, wanted.error().text);
        return {};
      }
      if (!*wanted) return {};
    }
    auto params = collect_params(bound.policy->param_kind, binding, attributes_.ns, parts_.registry, parts_.objects);
    if (!params) {
      cannot_configure(*bound.policy, &binding, params.error().text);
      return {};
    }
    if (params->empty()) return {};
    if (!(matched.kind == attributes_.kind) && !converted) {
      auto made = VersionedRequest::make(attributes_, matched.kind, matched.resource);
      if (!made) {
        cannot_configure(*bound.policy, &binding, "failed to convert object version: " + made.error().message);
        return {};
      }
      converted = std::move(*made);
    }
    Inputs inputs{.object = converted ? &converted->object() : &attributes_.object,
                  .old_object = converted ? &converted->old_object() : &attributes_.old_object,
                  .request = &values_.get(matched.kind, matched.resource),
                  .attributes = &attributes_};
    if (bound.asks_authorizer) inputs.authorizer = &authorizer_;
    StoredObjects::Handle ns;
    if (bound.asks_namespace) {
      auto found = namespace_of(parts_, attributes_);
      if (!found) return fail_with(std::move(found.error()));
      ns = std::move(*found);
      inputs.namespace_object = ns.get();
    }
    std::vector<Judgement> judgements;
    for (const StoredObjects::Handle& param : *params) {
      inputs.params = param.get();
      judgements.push_back(judge(*bound.policy, inputs));
    }
    for (const Judgement& judgement : judgements) take(*bound.policy, binding, judgement, annotations);
    return {};
  }

  void take(const Policy& policy, const Binding& binding, const Judgement& judgement, Annotations& annotations) {
    for (std::size_t i = 0; i < judgement.decisions.size(); ++i) {
      const Decision& decision = judgement.decisions[i];
      if (decision.admit) {
        if (!decision.error.empty()) count(policy, binding, decision, "allow");
        continue;
      }
      for (const std::string& action : binding.actions) {
        if (action == "Deny") {
          count(policy, binding, decision, "deny");
          deny({policy.name, binding.name, decision.reason, decision.message});
        }
        if (action == "Audit") {
          count(policy, binding, decision, "audit");
          annotate(trail_, "validation.policy.admission.k8s.io/validation_failure",
                   failure_note(binding, i, decision.message));
        }
        if (action == "Warn") {
          count(policy, binding, decision, "warn");
          trail_.warnings.push_back("Validation failed for ValidatingAdmissionPolicy '" + policy.name +
                                    "' with binding '" + binding.name + "': " + decision.message);
        }
      }
    }
    for (const AnnotationResult& annotation : judgement.annotations) {
      if (annotation.kind == AnnotationResult::Kind::publish) annotations.add(annotation.key, annotation.text);
      if (annotation.kind == AnnotationResult::Kind::error) {
        parts_.metrics.validated(policy.name, binding.name, annotation.text, "deny", annotation.seconds);
        deny({policy.name, binding.name, "", annotation.text});
      }
    }
  }

  void count(const Policy& policy, const Binding& binding, const Decision& decision, std::string_view action) {
    // A validation that does not hold counts as an error, too, as kube-apiserver has it.
    std::string_view error = decision.admit ? std::string_view(decision.error) : std::string_view(decision.message);
    parts_.metrics.validated(policy.name, binding.name, error, action, decision.seconds);
  }

  static std::string failure_note(const Binding& binding, std::size_t index, const std::string& message) {
    std::string out = "[{\"message\":";
    json::write_string(message, out);
    out += ",\"policy\":";
    json::write_string(binding.policy, out);
    out += ",\"binding\":";
    json::write_string(binding.name, out);
    out += ",\"expressionIndex\":" + std::to_string(index) + ",\"validationActions\":[";
    for (const std::string& action : binding.actions) {
      if (out.back() != '[') out.push_back(',');
      json::write_string(action, out);
    }
    return out + "]}]";
  }

  void cannot_configure(const Policy& policy, const Binding* binding, const std::string& why) {
    if (policy.fail_open) return;
    deny({policy.name, binding ? binding->name : "", "",
          (binding ? "failed to configure binding: " : "failed to configure policy: ") + why});
  }

  void deny(PolicyDenial denial) {
    if (!denial_) denial_ = std::move(denial);
  }

  const PolicyParts& parts_;
  const Attributes& attributes_;
  Trail& trail_;
  RequestAuthorizer authorizer_;
  RequestValues values_;
  std::optional<PolicyDenial> denial_;
};

}  // namespace

kube::ApiResult<void> validate_by_policies(const PolicyParts& parts, const PolicySource::Candidates& candidates,
                                           const Attributes& attributes, Trail& trail) {
  if (candidates.empty()) return {};
  Run run(parts, attributes, trail);
  for (const BoundPolicy* bound : candidates)
    if (auto done = run.policy(*bound); !done) return done;
  return run.answer();
}

}  // namespace gatepost::admission
