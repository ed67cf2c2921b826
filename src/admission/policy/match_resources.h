// MatchResources: which requests a policy, or one of its bindings, asks for (apiserver/pkg/admission/plugin/policy/
// matching).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "admission/attributes.h"
#include "admission/predicates/namespace_selector.h"
#include "admission/predicates/rules.h"
#include "base/result.h"
#include "json/value.h"
#include "kube/registry/registry.h"
#include "kube/selector/selector.h"

namespace gatepost::admission {

struct NamedRule {
  Rule rule;
  std::vector<std::string> names;  // none: all
};

struct MatchResources {
  std::vector<NamedRule> rules, excluded;
  bool equivalent = true;  // matchPolicy
  Result<kube::LabelSelector> namespaces, objects;

  // As stored; absent fields match everything.
  static MatchResources read(const json::Value& value);
};

// In whose version a policy wants to see the object.
struct MatchedAs {
  Resource resource;
  Kind kind;
};

// Judges a request. Nothing: it is not asked for. The error is the reason why that cannot be told.
class ResourceMatcher {
 public:
  ResourceMatcher(const kube::Registry& registry, NamespaceLabels& labels) : registry_(registry), labels_(labels) {}

  Result<std::optional<MatchedAs>> match(const MatchResources& wanted, const Attributes& attributes);

  // By rules alone, names and exclusions left out: false means that match() gives nothing for any request with this
  // resource, operation and scope.
  bool may_match(const MatchResources& wanted, const Attributes& attributes) const;

 private:
  std::optional<MatchedAs> match_rules(const std::vector<NamedRule>& rules, bool equivalent,
                                       const Attributes& attributes, bool any_name) const;

  const kube::Registry& registry_;
  NamespaceLabels& labels_;
};

}  // namespace gatepost::admission
