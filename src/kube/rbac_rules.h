// Rules of RBAC: what one rule allows, and whether a set of rules covers another (k8s.io/component-helpers/auth/rbac).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"

namespace gatepost::kube {

struct PolicyRule {
  std::vector<std::string> verbs, api_groups, resources, resource_names, non_resource_urls;
  bool operator==(const PolicyRule&) const = default;
};

// What is asked for: a resource (`path` empty) or a path of the server (`path` given).
struct AccessRequest {
  std::string_view verb;
  std::string_view group, resource, subresource, ns, name;
  std::string_view path;
};

// `rules` of a Role or ClusterRole; entries of other types are skipped.
std::vector<PolicyRule> read_rules(const json::Value& object);

bool allows(const PolicyRule& rule, const AccessRequest& request);

// The parts of `wanted`, each of one verb on one resource, that no rule of `owned` covers.
std::vector<PolicyRule> missing_rules(std::span<const PolicyRule> owned, std::span<const PolicyRule> wanted);

// Rules of one resource that differ only in verbs, put together.
std::vector<PolicyRule> compact_rules(std::vector<PolicyRule> rules);

// {APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}
std::string rule_text(const PolicyRule& rule);

// Go's %q of a list of strings.
std::string go_quote(std::span<const std::string> list);

}  // namespace gatepost::kube
