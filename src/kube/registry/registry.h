// The kinds the server knows, as data: discovery of kube-apiserver 1.36 (data/kubernetes-1.36), read once at start.
// Custom resources will be added to a Registry at run time; a Registry is otherwise immutable.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gatepost::kube {

struct GroupVersionKind {
  std::string group, version, kind;
  bool operator==(const GroupVersionKind&) const = default;
};

// "v1" or "apps/v1".
std::string api_version(std::string_view group, std::string_view version);

struct SubresourceInfo {
  std::string name;       // "status", "scale", "eviction", "proxy", ...
  GroupVersionKind kind;  // of what is read and written there
  std::vector<std::string> verbs;
};

struct ResourceInfo {
  std::string group, version, resource;  // "apps", "v1", "deployments"
  std::string kind, singular;
  GroupVersionKind response_kind;  // differs from kind only for virtual resources
  std::vector<std::string> short_names, categories, verbs;
  bool namespaced = true;
  std::vector<SubresourceInfo> subresources;
  std::string collection;  // where it is stored: "apps/deployments"; equal for all versions and groups that serve the
                           // same objects
  std::string storage_group, storage_version;  // in which its bytes are stored

  bool has_verb(std::string_view verb) const;
  const SubresourceInfo* subresource(std::string_view name) const;
};

class Registry {
 public:
  // The built-in kinds.
  static std::shared_ptr<const Registry> builtin();

  virtual ~Registry() = default;
  virtual const ResourceInfo* find(std::string_view group, std::string_view version,
                                   std::string_view resource) const = 0;
  virtual const ResourceInfo* find_kind(std::string_view group, std::string_view version,
                                        std::string_view kind) const = 0;
  virtual const std::vector<std::unique_ptr<ResourceInfo>>& all() const = 0;
  // All resources that serve the same stored objects (other versions or groups), this one included, in discovery order:
  // what matchPolicy Equivalent may look at (apps/v1 deployments has none; autoscaling v1 and v2
  // horizontalpodautoscalers).
  virtual std::vector<const ResourceInfo*> equivalents(const ResourceInfo& resource) const = 0;
  virtual bool has_group(std::string_view group) const = 0;
  virtual bool has_version(std::string_view group, std::string_view version) const = 0;
  // The aggregated discovery documents, as bytes.
  virtual std::string_view discovery_api() const = 0;
  virtual std::string_view discovery_apis() const = 0;
};

}  // namespace gatepost::kube
