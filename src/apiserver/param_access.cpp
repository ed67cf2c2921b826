#include "apiserver/param_access.h"

#include "apiserver/stored.h"

namespace gatepost::apiserver {
namespace {

constexpr std::string_view everything = "*";

// The resource behind a paramKind; what cannot be told is everything.
struct ParamResource {
  std::string group{everything}, version{everything}, resource{everything};
  bool parsed = true, resolved = true;
  std::string api_version, kind;
};

ParamResource resource_of(const kube::Registry& registry, const json::Value& param_kind) {
  ParamResource out;
  out.api_version = json::string_at(param_kind, {"apiVersion"});
  out.kind = json::string_at(param_kind, {"kind"});
  std::size_t slash = out.api_version.find('/');
  out.parsed = slash == std::string::npos || out.api_version.find('/', slash + 1) == std::string::npos;
  if (!out.parsed) return out;
  out.group = slash == std::string::npos ? "" : out.api_version.substr(0, slash);
  out.version = slash == std::string::npos ? out.api_version : out.api_version.substr(slash + 1);
  const kube::ResourceInfo* found = registry.find_kind(out.group, out.version, out.kind);
  out.resolved = found != nullptr;
  if (found) out.resource = found->resource;
  return out;
}

// As Go prints a pointer to the struct that holds a user.
std::string printed(const admission::UserInfo& user) {
  auto listed = [](const std::vector<std::string>& values) {
    std::string out = "[";
    for (const std::string& value : values) out += (&value == &values.front() ? "" : " ") + value;
    return out + "]";
  };
  std::string out = "&{" + user.name + " " + user.uid + " " + listed(user.groups) + " map[";
  for (const auto& [key, values] : user.extra) out += (out.back() == '[' ? "" : " ") + key + ":" + listed(values);
  return out + "]}";
}

kube::FieldError forbidden(std::string field, const std::string& why) {
  return {"FieldValueForbidden", std::move(field), "Forbidden: " + why};
}

bool unchanged(const json::Value& object, const json::Value* old_object, std::initializer_list<std::string_view> path) {
  if (!old_object) return false;
  const json::Value* now = json::find_path(object, path);
  const json::Value* before = json::find_path(*old_object, path);
  return now && before && *now == *before;
}

std::vector<kube::FieldError> check_policy(const Call& call, const json::Value& object, const json::Value* old_object) {
  const json::Value* kind = json::find_path(object, {"spec", "paramKind"});
  if (!kind || !kind->is_object() || unchanged(object, old_object, {"spec", "paramKind"})) return {};
  const ParamResource wanted = resource_of(*call.deps.registry, *kind);
  const kube::AccessRequest request{
      .verb = "get", .group = wanted.group, .resource = wanted.resource, .ns = everything, .name = everything};
  if (call.deps.authorizer.decide(call.user, request).allowed) return {};
  return {forbidden("spec.paramKind", "user " + printed(call.user) +
                                          " must have \"get\" permission on all objects of the referenced paramKind "
                                          "(kind=" +
                                          wanted.kind + ", apiVersion=" + wanted.api_version + ")")};
}

std::vector<kube::FieldError> check_binding(const Call& call, const json::Value& object, const json::Value* old_object,
                                            std::string_view policies) {
  const json::Value* reference = json::find_path(object, {"spec", "paramRef"});
  if (!reference || !reference->is_object()) return {};
  if (unchanged(object, old_object, {"spec", "paramRef"}) && unchanged(object, old_object, {"spec", "policyName"}))
    return {};
  const std::string policy_name(json::string_at(object, {"spec", "policyName"}));
  ParamResource wanted;
  bool found = false;
  const kube::ResourceInfo* resource = call.deps.registry->find(call.resource->group, call.resource->version, policies);
  if (resource)
    if (auto stored = call.deps.store.get(key_of(*resource, "", policy_name)))
      if (auto policy = read_stored(*stored, *resource, call.arena)) {
        found = true;
        if (const json::Value* kind = json::find_path(*policy, {"spec", "paramKind"}); kind && kind->is_object())
          wanted = resource_of(*call.deps.registry, *kind);
      }
  const std::string name(json::string_at(*reference, {"name"}));
  const kube::AccessRequest request{.verb = name.empty() ? "list" : "get",
                                    .group = wanted.group,
                                    .resource = wanted.resource,
                                    .ns = json::string_at(*reference, {"namespace"}),
                                    .name = name};
  if (call.deps.authorizer.decide(call.user, request).allowed) return {};
  const std::string user = printed(call.user), verb = "\"" + std::string(request.verb) + "\"";
  const std::string at_least = " to determine minimum required permissions and user " + user + " does not have " +
                               verb + " permission for all groups, versions and resources";
  const std::string kind = "&{" + wanted.api_version + " " + wanted.kind + "}";
  // kube-apiserver names user and verb in each other's place where the policy mutates.
  std::string why = policies == "mutatingadmissionpolicies"
                        ? "user " + std::string(request.verb) + " does not have \"" + user + "\""
                        : "user " + user + " does not have " + verb;
  why += " permission on the object referenced by paramRef";
  if (!found)
    why = "unable to get policy " + policy_name + at_least;
  else if (!wanted.parsed)
    why = "unable to parse paramKind " + kind + at_least;
  else if (!wanted.resolved)
    why = "unable to resolve paramKind " + kind + at_least;
  return {forbidden("spec.paramRef", why)};
}

}  // namespace

std::vector<kube::FieldError> check_param_access(const Call& call, const json::Value& object,
                                                 const json::Value* old_object) {
  const kube::ResourceInfo& resource = *call.resource;
  if (resource.group != "admissionregistration.k8s.io") return {};
  if (resource.resource == "validatingadmissionpolicies" || resource.resource == "mutatingadmissionpolicies")
    return check_policy(call, object, old_object);
  if (resource.resource == "validatingadmissionpolicybindings")
    return check_binding(call, object, old_object, "validatingadmissionpolicies");
  if (resource.resource == "mutatingadmissionpolicybindings")
    return check_binding(call, object, old_object, "mutatingadmissionpolicies");
  return {};
}

}  // namespace gatepost::apiserver
