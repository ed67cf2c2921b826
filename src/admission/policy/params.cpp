#include "admission/policy/params.h"

namespace gatepost::admission {
namespace {

using Handles = std::vector<StoredObjects::Handle>;

Result<Handles> selected(const Result<kube::LabelSelector>& selector, const kube::ResourceInfo& resource,
                         const std::string& ns, StoredObjects& objects) {
  if (!selector) return fail(selector.error().text);
  auto all = objects.list(resource, ns);
  if (!all) return fail(all.error().message);
  Handles out;
  for (StoredObjects::Handle& object : *all)
    if (selector->matches(json::object_at(*object, {"metadata", "labels"}))) out.push_back(std::move(object));
  return out;
}

}  // namespace

Result<Handles> collect_params(const std::optional<ParamKind>& kind, const Binding& binding,
                               const std::string& request_namespace, const kube::Registry& registry,
                               StoredObjects& objects) {
  if (!kind || !binding.params) return Handles{nullptr};
  const ParamRef& reference = *binding.params;
  const kube::ResourceInfo* resource = registry.find_kind(kind->group, kind->version, kind->kind);
  if (!resource) return fail(unknown_param_kind(kind, registry));
  std::string ns;
  if (resource->namespaced) {
    ns = reference.ns.empty() ? request_namespace : reference.ns;
    if (ns.empty())
      return fail("cannot use namespaced paramRef in policy binding that matches cluster-scoped resources");
  } else if (!reference.ns.empty()) {
    return fail("paramRef.namespace must not be provided for a cluster-scoped `paramKind`");
  }
  Handles found;
  if (!reference.name.empty()) {
    if (reference.selector) return fail("paramRef.name and paramRef.selector are mutually exclusive");
    auto object = objects.get(*resource, ns, reference.name);
    if (!object) return fail(object.error().message);
    if (*object) found.push_back(std::move(*object));
  } else if (reference.selector) {
    auto all = selected(*reference.selector, *resource, ns, objects);
    if (!all) return all;
    found = std::move(*all);
  } else {
    return fail("one of name or selector must be provided");
  }
  if (found.empty() && reference.deny_when_missing)
    return fail("no params found for policy binding with `Deny` parameterNotFoundAction");
  return found;
}

std::string unknown_param_kind(const std::optional<ParamKind>& kind, const kube::Registry& registry) {
  if (!kind || registry.find_kind(kind->group, kind->version, kind->kind)) return {};
  return "failed to find resource referenced by paramKind: '" + kind->group + "/" + kind->version +
         ", Kind=" + kind->kind + "'";
}

}  // namespace gatepost::admission
