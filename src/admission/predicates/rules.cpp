#include "admission/predicates/rules.h"

#include <algorithm>
#include <array>

namespace gatepost::admission {
namespace {

bool holds(const std::vector<std::string>& items, std::string_view wanted) {
  return std::any_of(items.begin(), items.end(),
                     [&](const std::string& item) { return item == "*" || item == wanted; });
}

bool scope_matches(Scope scope, bool cluster_scoped) {
  return scope == Scope::all || (scope == Scope::cluster) == cluster_scoped;
}

bool resource_matches(std::string_view item, const RuleSubject& subject) {
  std::size_t slash = item.find('/');
  std::string_view resource = item.substr(0, slash);
  std::string_view subresource = slash == std::string_view::npos ? std::string_view() : item.substr(slash + 1);
  return (resource == "*" || resource == subject.resource) &&
         (subresource == "*" || subresource == subject.subresource);
}

constexpr std::array kExemptKinds = {
    "ValidatingWebhookConfiguration",   "MutatingWebhookConfiguration", "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding", "MutatingAdmissionPolicy",      "MutatingAdmissionPolicyBinding",
};

}  // namespace

std::vector<std::string> read_texts(const json::Value& value, std::string_view key) {
  std::vector<std::string> out;
  if (const json::Array* list = json::array_at(value, {key}))
    for (const json::Value& item : *list)
      if (item.is_string()) out.emplace_back(json::view(item.get_string()));
  return out;
}

Rule read_rule(const json::Value& value) {
  Rule rule{read_texts(value, "operations"), read_texts(value, "apiGroups"), read_texts(value, "apiVersions"),
            read_texts(value, "resources")};
  std::string_view scope = json::string_at(value, {"scope"});
  if (scope == "Cluster") rule.scope = Scope::cluster;
  if (scope == "Namespaced") rule.scope = Scope::namespaced;
  return rule;
}

Result<kube::LabelSelector> read_selector(const json::Value& value, std::string_view key) {
  const json::Value* selector = json::find(value, key);
  if (!selector) return kube::LabelSelector{};
  return kube::LabelSelector::from_object(*selector);
}

RuleSubject rule_subject(const Attributes& attributes) {
  const Resource& resource = attributes.resource;
  bool is_namespace = resource.resource == "namespaces" && resource.version == "v1" && resource.group.empty();
  return {attributes.operation, resource.group,         resource.version,
          resource.resource,    attributes.subresource, attributes.ns.empty() || is_namespace};
}

bool matches(const Rule& rule, const RuleSubject& subject) {
  return scope_matches(rule.scope, subject.cluster_scoped) &&
         holds(rule.operations, operation_name(subject.operation)) && holds(rule.groups, subject.group) &&
         holds(rule.versions, subject.version) &&
         std::any_of(rule.resources.begin(), rule.resources.end(),
                     [&](const std::string& item) { return resource_matches(item, subject); });
}

bool is_exempt(const Attributes& attributes) {
  return attributes.kind.group == "admissionregistration.k8s.io" &&
         std::find(kExemptKinds.begin(), kExemptKinds.end(), attributes.kind.kind) != kExemptKinds.end();
}

std::string_view operation_name(Operation operation) {
  switch (operation) {
    case Operation::create:
      return "CREATE";
    case Operation::update:
      return "UPDATE";
    case Operation::remove:
      return "DELETE";
    case Operation::connect:
      return "CONNECT";
  }
  return "";
}

}  // namespace gatepost::admission
