#include "admission/policy/policy_source.h"

#include <algorithm>
#include <array>

#include "admission/predicates/rules.h"
#include "json/parse.h"

namespace gatepost::admission {
namespace {

std::string collection(PolicyType type, std::string_view what) {
  return std::string("admissionregistration.k8s.io/") +
         (type == PolicyType::validating ? "validatingadmissionpolic" : "mutatingadmissionpolic") + std::string(what);
}

// Policies say nothing about themselves, nor about questions to the API server that are not stored.
bool is_excluded(const Attributes& attributes) {
  static constexpr std::array policies{"validatingadmissionpolicies", "validatingadmissionpolicybindings",
                                       "mutatingadmissionpolicies", "mutatingadmissionpolicybindings"};
  static constexpr std::array reviews{"selfsubjectreviews",        "tokenreviews",
                                      "localsubjectaccessreviews", "selfsubjectaccessreviews",
                                      "selfsubjectrulesreviews",   "subjectaccessreviews"};
  const Resource& resource = attributes.resource;
  auto one_of = [&](const auto& names) {
    return std::find(names.begin(), names.end(), resource.resource) != names.end();
  };
  if (resource.group == "admissionregistration.k8s.io") return one_of(policies);
  return (resource.group == "authentication.k8s.io" || resource.group == "authorization.k8s.io") && one_of(reviews);
}

}  // namespace

PolicySource::PolicySource(storage::Storage& store, PolicyType type) : type_(type) {
  using Put = void (PolicySource::*)(const std::string&, const std::string&);
  auto follow = [&](const std::string& where, auto& known, Put put) {
    for (const storage::Object& object : store.list(where, {}).objects) (this->*put)(object.key.name, *object.bytes);
    subscriptions_.push_back(store.on_change(where, [this, &known, put](const storage::Event& event) {
      if (event.type == storage::EventType::removed)
        known.erase(event.object.key.name);
      else
        (this->*put)(event.object.key.name, *event.object.bytes);
      rebuild();
    }));
  };
  follow(collection(type, "ies"), policies_, &PolicySource::put_policy);
  follow(collection(type, "ybindings"), bindings_, &PolicySource::put_binding);
  rebuild();
}

void PolicySource::put_policy(const std::string& name, const std::string& bytes) {
  if (auto parsed = json::parse(bytes, json::make_arena(bytes.size() * 2))) policies_[name] = Policy::compile(*parsed);
}

void PolicySource::put_binding(const std::string& name, const std::string& bytes) {
  if (auto parsed = json::parse(bytes, json::make_arena(bytes.size() * 2)))
    bindings_[name] = std::make_shared<const Binding>(Binding::read(*parsed));
}

void PolicySource::rebuild() {
  answers_.clear();
  bound_.clear();
  std::map<std::string, std::vector<std::shared_ptr<const Binding>>> of_policy;
  for (const auto& [name, binding] : bindings_) of_policy[binding->policy].push_back(binding);
  for (auto& [name, bindings] : of_policy) {
    auto policy = policies_.find(name);
    if (policy == policies_.end()) continue;
    bool authorizer = policy->second->mentions("authorizer"), ns = policy->second->mentions("namespaceObject");
    bound_.push_back({policy->second, std::move(bindings), authorizer, ns});
  }
}

const PolicySource::Candidates& PolicySource::candidates(const Attributes& attributes, const ResourceMatcher& matcher) {
  static const Candidates nothing;
  bool never = type_ == PolicyType::mutating && attributes.operation == Operation::remove;
  if (bound_.empty() || never || is_excluded(attributes)) return nothing;
  std::string key = attributes.resource.group + "/" + attributes.resource.version + "/" + attributes.resource.resource +
                    "/" + attributes.subresource + "/" + std::string(operation_name(attributes.operation)) +
                    (rule_subject(attributes).cluster_scoped ? "/cluster" : "/namespaced");
  auto [known, added] = answers_.try_emplace(std::move(key));
  if (added)
    for (const BoundPolicy& bound : bound_)
      if (matcher.may_match(bound.policy->constraints, attributes)) known->second.push_back(&bound);
  return known->second;
}

}  // namespace gatepost::admission
