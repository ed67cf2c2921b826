#include "apiserver/lifecycle.h"

#include "json/parse.h"

namespace gatepost::apiserver {
namespace {

constexpr std::string_view namespaces_collection = "/namespaces";

bool immortal(std::string_view name) {
  return name == "default" || name == "kube-system" || name == "kube-public";
}

// Reviews are about access, not content: they may name any namespace.
bool is_access_review(const admission::Attributes& attributes) {
  return attributes.resource.group == "authorization.k8s.io" &&
         attributes.resource.resource == "localsubjectaccessreviews";
}

}  // namespace

kube::ApiResult<void> check_namespace_lifecycle(const Call& call, const admission::Attributes& attributes) {
  bool is_namespace = attributes.resource.group.empty() && attributes.resource.resource == "namespaces";
  if (attributes.operation == admission::Operation::remove) {
    if (is_namespace && immortal(attributes.name))
      return fail_with(kube::forbidden("", "namespaces", attributes.name, "this namespace may not be deleted"));
    return {};
  }
  if (is_namespace || attributes.ns.empty() || is_access_review(attributes)) return {};
  auto found = call.deps.store.get({std::string(namespaces_collection), "", attributes.ns});
  if (!found) return fail_with(kube::not_found("", "namespaces", attributes.ns));
  if (attributes.operation != admission::Operation::create) return {};
  // The word alone decides for nearly every namespace whether a closer look is needed.
  if (found->bytes->find("\"Terminating\"") == std::string::npos) return {};
  auto parsed = json::parse(*found->bytes, json::make_arena());
  if (!parsed || json::string_at(*parsed, {"status", "phase"}) != "Terminating") return {};
  kube::Status status =
      kube::forbidden(attributes.resource.group, attributes.resource.resource, attributes.name,
                      "unable to create new content in namespace " + attributes.ns + " because it is being terminated");
  status.has_details = true;
  status.causes.push_back(
      {"NamespaceTerminating", "namespace " + attributes.ns + " is being terminated", "metadata.namespace"});
  return fail_with(std::move(status));
}

}  // namespace gatepost::apiserver
