// The questions about what a webhook is asked for: each is put to the rules, selectors and conditions of src/admission.
#include <algorithm>
#include <map>

#include "lint/model.h"

namespace gatepost::lint {
namespace {

// The (group, version, resource) under which one kind of object is served.
struct Served {
  std::string_view group, version, resource;
  bool cluster_scoped;
};
using ServedTable = std::map<std::pair<std::string_view, std::string_view>, std::vector<Served>>;

const ServedTable& served() {
  static const std::shared_ptr<const kube::Registry> registry = kube::Registry::builtin();
  static const ServedTable table = [] {
    ServedTable out;
    for (const auto& info : registry->all()) {
      auto& list = out[{info->group, info->resource}];
      // A Namespace counts as an object of the cluster; so it is in the registry.
      list.push_back({info->group, info->version, info->resource, !info->namespaced});
      for (const kube::ResourceInfo* other : registry->equivalents(*info))
        if (other->group != info->group || other->resource != info->resource)
          list.push_back({other->group, other->version, other->resource, !other->namespaced});
    }
    return out;
  }();
  return table;
}

bool any_operation_matches(const admission::Rule& rule, admission::RuleSubject subject, const Operations& operations) {
  auto asks = [&](bool asked, admission::Operation operation) {
    subject.operation = operation;
    return asked && admission::matches(rule, subject);
  };
  return asks(operations.create, admission::Operation::create) ||
         asks(operations.update, admission::Operation::update) ||
         asks(operations.remove, admission::Operation::remove) ||
         asks(operations.connect, admission::Operation::connect);
}

// A resource that is not built in is taken as served in the version that the rule names, in any scope.
bool matches_unknown(const admission::Rule& rule, const Target& target, const Operations& operations) {
  const std::string version = rule.versions.empty() || rule.versions[0] == "*" ? "v1" : rule.versions[0];
  for (bool cluster_scoped : {false, true})
    if (any_operation_matches(rule, {{}, target.group, version, target.resource, target.subresource, cluster_scoped},
                              operations))
      return true;
  return false;
}

// Who writes such objects when nobody is at work: conditions often let them through by name.
admission::UserInfo usual_writer(const Target& target, std::string_view ns) {
  if (target.resource == "nodes" || target.resource == "certificatesigningrequests" || ns == "kube-node-lease")
    return {"system:node:example", "", {"system:nodes", "system:authenticated"}, {}};
  if (target.resource == "leases") return {"system:kube-controller-manager", "", {"system:authenticated"}, {}};
  return {"system:serviceaccount:kube-system:replicaset-controller",
          "",
          {"system:serviceaccounts", "system:serviceaccounts:kube-system", "system:authenticated"},
          {}};
}

}  // namespace

std::optional<std::size_t> Model::rule_for(const Webhook& webhook, const Target& target, Operations operations) const {
  auto found = served().find({target.group, target.resource});
  auto rule = std::find_if(webhook.rules.begin(), webhook.rules.end(), [&](const admission::Rule& rule) {
    if (found == served().end()) return matches_unknown(rule, target, operations);
    return std::any_of(found->second.begin(), found->second.end(), [&](const Served& one) {
      if (!webhook.equivalent && (one.group != target.group || one.resource != target.resource)) return false;
      return any_operation_matches(
          rule, {{}, one.group, one.version, one.resource, target.subresource, one.cluster_scoped}, operations);
    });
  });
  if (rule == webhook.rules.end()) return std::nullopt;
  return static_cast<std::size_t>(rule - webhook.rules.begin());
}

bool Model::asks_for(const Webhook& webhook, const Target& target, Operations operations) const {
  return rule_for(webhook, target, operations).has_value();
}

std::optional<bool> Model::is_namespaced(std::string_view group, std::string_view resource) const {
  auto known = served().find({group, resource});
  if (known != served().end()) return !known->second.front().cluster_scoped;
  if (const Manifest* found = definition(group, resource)) return found->text({"spec", "scope"}) == "Namespaced";
  return std::nullopt;
}

bool Model::selects_namespace(const Webhook& webhook, std::string_view ns) const {
  if (!webhook.namespace_selector) return true;
  if (webhook.namespace_selector->everything()) return true;
  return webhook.namespace_selector->matches(&namespace_labels(ns));
}

bool Model::selects_object(const Webhook& webhook, const json::Object* labels) {
  if (!webhook.object_selector || webhook.object_selector->everything()) return true;
  if (labels) return webhook.object_selector->matches(labels);
  // Labels that must be there are there only on purpose; those that must not be there are absent by default.
  return webhook.object_selector->matches(nullptr);
}

bool Model::asks_for_in(const Webhook& webhook, const Target& target, Operations operations,
                        std::string_view ns) const {
  if (!asks_for(webhook, target, operations) || !selects_namespace(webhook, ns) || !selects_object(webhook, nullptr))
    return false;
  json::Object object;
  object["metadata"] = json::Object({{"name", "example"}, {"namespace", ns}});
  return conditions_may_hold(webhook, target, ns, json::Value(std::move(object)));
}

bool Model::conditions_may_hold(const Webhook& webhook, const Target& target, std::string_view ns,
                                const json::Value& object) const {
  if (!webhook.conditions) return true;
  admission::Attributes attributes;
  attributes.ns = ns;
  attributes.name = json::string_at(object, {"metadata", "name"});
  attributes.object = object;
  attributes.subresource = target.subresource;
  attributes.resource = {std::string(target.group), "v1", std::string(target.resource)};
  for (const auto& info : registry_->all())
    if (info->group == target.group && info->resource == target.resource) {
      attributes.kind = {info->group, info->version, info->kind};
      attributes.resource.version = info->version;
    }
  attributes.user = usual_writer(target, ns);
  admission::RequestValues request(attributes);
  const json::Value none;
  admission::Inputs inputs;
  inputs.object = &attributes.object;
  inputs.old_object = &none;
  inputs.request = &request.get(attributes.kind, attributes.resource);
  inputs.attributes = &attributes;
  return webhook.conditions->evaluate(inputs).matches;
}

bool Model::meets_pod_of(const Webhook& webhook, const Workload& workload) const {
  const std::string& ns = workload.manifest->ns;
  const Target pods{"", "pods", ""};
  if (!asks_for(webhook, pods, create_only) || !selects_namespace(webhook, ns)) return false;
  static const json::Object no_labels;
  const json::Object* labels = workload.pod_labels();
  if (!selects_object(webhook, labels ? labels : &no_labels)) return false;
  json::Value object = *workload.pod;
  json::Value& metadata = object.as_object()["metadata"];
  if (!metadata.is_object()) metadata = json::Object();
  metadata.get_object()["namespace"] = ns;
  metadata.get_object()["name"] = "example";
  return conditions_may_hold(webhook, pods, ns, object);
}

}  // namespace gatepost::lint
