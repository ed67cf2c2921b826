#include "remedy/object.h"

#include <algorithm>
#include <iterator>

namespace gatepost::remedy {
namespace {

struct Known {
  std::string_view kind, resource;
};

constexpr Known known[] = {
    {"ValidatingWebhookConfiguration", "validatingwebhookconfigurations"},
    {"MutatingWebhookConfiguration", "mutatingwebhookconfigurations"},
    {"Service", "services"},
    {"Secret", "secrets"},
    {"ConfigMap", "configmaps"},
    {"Event", "events"},
    {"Deployment", "deployments"},
    {"StatefulSet", "statefulsets"},
    {"DaemonSet", "daemonsets"},
    {"ReplicaSet", "replicasets"},
    {"PodDisruptionBudget", "poddisruptionbudgets"},
    {"Certificate", "certificates"},
    {"Lease", "leases"},
};

}  // namespace

std::string ObjectRef::text() const {
  return kind + "/" + name + (ns.empty() ? "" : " in " + ns);
}

ObjectRef ref_of(const json::Value& object, std::string_view api_version, std::string_view kind) {
  ObjectRef out;
  out.api_version = api_version.empty() ? json::string_at(object, {"apiVersion"}) : api_version;
  out.kind = kind.empty() ? json::string_at(object, {"kind"}) : kind;
  out.ns = json::string_at(object, {"metadata", "namespace"});
  out.name = json::string_at(object, {"metadata", "name"});
  return out;
}

std::string_view resource_of(std::string_view kind) {
  const auto* found = std::find_if(std::begin(known), std::end(known), [&](const Known& k) { return k.kind == kind; });
  return found == std::end(known) ? std::string_view() : found->resource;
}

std::string_view group_of(std::string_view api_version) {
  const std::size_t slash = api_version.find('/');
  return slash == std::string_view::npos ? std::string_view() : api_version.substr(0, slash);
}

std::string collection_of(const ObjectRef& ref) {
  std::string out = (group_of(ref.api_version).empty() ? "/api/" : "/apis/") + ref.api_version;
  if (!ref.ns.empty()) out += "/namespaces/" + ref.ns;
  return out + "/" + std::string(resource_of(ref.kind));
}

std::string path_of(const ObjectRef& ref) {
  return collection_of(ref) + "/" + ref.name;
}

std::string_view uid_of(const json::Value& object) {
  return json::string_at(object, {"metadata", "uid"});
}

std::string_view version_of(const json::Value& object) {
  return json::string_at(object, {"metadata", "resourceVersion"});
}

json::Value whole(const json::Value& object, const ObjectRef& ref) {
  json::Object out;
  out["apiVersion"] = ref.api_version;
  out["kind"] = ref.kind;
  if (object.is_object())
    for (const auto& [key, value] : object.get_object())
      if (key != "apiVersion" && key != "kind") out[key] = value;
  return json::Value(std::move(out));
}

json::Value recreatable(const json::Value& object) {
  json::Value out(object, json::Storage());
  if (!out.is_object()) return out;
  out.get_object().erase("status");
  if (json::Value* metadata = out.get_object().if_contains("metadata"); metadata && metadata->is_object())
    for (const char* key : {"uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "selfLink",
                            "deletionTimestamp", "deletionGracePeriodSeconds"})
      metadata->get_object().erase(key);
  return out;
}

json::Object& child(json::Value& parent, std::string_view key) {
  json::Object& object = parent.is_object() ? parent.get_object() : parent.emplace_object();
  json::Value& value = object[key];
  return value.is_object() ? value.get_object() : value.emplace_object();
}

}  // namespace gatepost::remedy
