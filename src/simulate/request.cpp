#include "simulate/request.h"

#include "kube/selector/selector.h"

namespace gatepost::simulate {
namespace {

json::Value options_of(Write::Verb verb) {
  const char* kind = verb == Write::Verb::create   ? "CreateOptions"
                     : verb == Write::Verb::update ? "UpdateOptions"
                                                   : "DeleteOptions";
  return json::Object{{"kind", kind}, {"apiVersion", "meta.k8s.io/v1"}};
}

}  // namespace

admission::UserInfo user_of(const std::string& name) {
  admission::UserInfo user;
  user.name = name;
  if (name.starts_with("system:serviceaccount:")) {
    const std::string ns = name.substr(22, name.find(':', 22) - 22);
    user.groups = {"system:serviceaccounts", "system:serviceaccounts:" + ns};
  } else if (name.starts_with("system:node:")) {
    user.groups = {"system:nodes"};
  }
  user.groups.emplace_back("system:authenticated");
  return user;
}

admission::Attributes attributes_of(Write& write, const kube::ResourceInfo& resource, const json::Value& old_object) {
  admission::Attributes attributes;
  attributes.operation = write.verb == Write::Verb::create   ? admission::Operation::create
                         : write.verb == Write::Verb::update ? admission::Operation::update
                                                             : admission::Operation::remove;
  attributes.kind = {resource.group, resource.version, resource.kind};
  attributes.resource = {resource.group, resource.version, resource.resource};
  attributes.subresource = write.subresource;
  if (const kube::SubresourceInfo* sub = write.subresource.empty() ? nullptr : resource.subresource(write.subresource))
    attributes.kind = {sub->kind.group, sub->kind.version, sub->kind.kind};
  attributes.ns = write.ns;
  attributes.name = write.name;
  if (write.verb != Write::Verb::remove) attributes.object = std::move(write.object);
  if (write.verb != Write::Verb::create) attributes.old_object = old_object;
  attributes.options = options_of(write.verb);
  attributes.user = user_of(write.user);
  return attributes;
}

bool budgets_allow(const Item& pod, const Cache& cache) {
  for (const ItemPtr& budget : cache.in(collection::budgets, pod.key.ns)) {
    const json::Value* given = json::find_path(budget->value, {"spec", "selector"});
    if (!given) continue;
    auto selector = kube::LabelSelector::from_object(*given);
    if (!selector || !selector->matches(json::object_at(pod.value, {"metadata", "labels"}))) continue;
    if (json::int_at(budget->value, {"status", "disruptionsAllowed"}) <= 0) return false;
  }
  return true;
}

}  // namespace gatepost::simulate
