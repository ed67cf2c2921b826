// The objects that repairs change: how they are named and where the API serves them.
#pragma once

#include <string>
#include <string_view>

#include "json/value.h"

namespace gatepost::remedy {

struct ObjectRef {
  std::string api_version, kind, ns, name;

  // "Deployment/hook in sys", "ValidatingWebhookConfiguration/policy"
  std::string text() const;
  bool operator==(const ObjectRef&) const = default;
};

// Of an object as the API serves it. Items of lists lack apiVersion and kind, so both may be given.
ObjectRef ref_of(const json::Value& object, std::string_view api_version = "", std::string_view kind = "");

// What RBAC and paths call the kind; empty where repairs never touch it.
std::string_view resource_of(std::string_view kind);
// "apps" of "apps/v1"; empty for "v1".
std::string_view group_of(std::string_view api_version);

// "/apis/apps/v1/namespaces/sys/deployments/hook"
std::string path_of(const ObjectRef& ref);
std::string collection_of(const ObjectRef& ref);

std::string_view uid_of(const json::Value& object);
std::string_view version_of(const json::Value& object);  // metadata.resourceVersion

// A copy whose storage is its own, with apiVersion and kind.
json::Value whole(const json::Value& object, const ObjectRef& ref);

// A copy that can be created again: without what the server writes (uid, resourceVersion, dates, managedFields).
json::Value recreatable(const json::Value& object);

// The object's member, made where it is missing. The references die with the next insertion beside them.
json::Object& child(json::Value& parent, std::string_view key);

}  // namespace gatepost::remedy
