#include "admission/policy/policies.h"

namespace gatepost::admission {

kube::ApiResult<StoredObjects::Handle> namespace_of(const PolicyParts& parts, const Attributes& attributes) {
  if (attributes.ns.empty() || attributes.kind == Kind{"", "v1", "Namespace"}) return StoredObjects::Handle();
  const kube::ResourceInfo* namespaces = parts.registry.find("", "v1", "namespaces");
  if (!namespaces) return fail_with(kube::internal_error("the kind Namespace is not known"));
  auto found = parts.objects.get(*namespaces, "", attributes.ns);
  if (found && !*found) return fail_with(kube::not_found("", "namespaces", attributes.ns));
  return found;
}

}  // namespace gatepost::admission
