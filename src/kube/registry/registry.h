// The kinds the server knows: the built-in ones as data (discovery of kube-apiserver 1.36, data/kubernetes-1.36, read
// once at start) and custom ones, which come and go at run time. A Registry is immutable but for LiveRegistry, which
// stands for the present one; who waits holds its snapshot().
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace gatepost::kube {

namespace crd {
struct Definition;
struct Version;
}  // namespace crd

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
  std::string list_kind;                       // "PodList"
  // Of a custom resource; null for built-in ones.
  std::shared_ptr<const crd::Definition> definition;
  const crd::Version* version_of_definition = nullptr;

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
  virtual const std::vector<std::shared_ptr<const ResourceInfo>>& all() const = 0;
  // All resources that serve the same stored objects (other versions or groups), this one included, in discovery order:
  // what matchPolicy Equivalent may look at (apps/v1 deployments has none; autoscaling v1 and v2
  // horizontalpodautoscalers).
  virtual std::vector<const ResourceInfo*> equivalents(const ResourceInfo& resource) const = 0;
  virtual bool has_group(std::string_view group) const = 0;
  virtual bool has_version(std::string_view group, std::string_view version) const = 0;
  // The aggregated discovery documents, as bytes.
  virtual std::string_view discovery_api() const = 0;
  virtual std::string_view discovery_apis() const = 0;
  // What stays as it is while the registry changes. The pointers that a registry gives live as long as its snapshot.
  virtual std::shared_ptr<const Registry> snapshot() const = 0;
  // Changes whenever the registry does.
  virtual std::uint64_t generation() const { return 0; }
};

// The built-in kinds and `custom`, resources in discovery order.
std::shared_ptr<const Registry> with_custom(std::shared_ptr<const Registry> builtin,
                                            std::vector<std::shared_ptr<const ResourceInfo>> custom);

// The present registry. Used on the event loop's thread alone.
class LiveRegistry final : public Registry {
 public:
  explicit LiveRegistry(std::shared_ptr<const Registry> first) : current_(std::move(first)) {}
  void replace(std::shared_ptr<const Registry> next) {
    current_ = std::move(next);
    ++generation_;
  }

  const ResourceInfo* find(std::string_view group, std::string_view version, std::string_view resource) const override {
    return current_->find(group, version, resource);
  }
  const ResourceInfo* find_kind(std::string_view group, std::string_view version,
                                std::string_view kind) const override {
    return current_->find_kind(group, version, kind);
  }
  const std::vector<std::shared_ptr<const ResourceInfo>>& all() const override { return current_->all(); }
  std::vector<const ResourceInfo*> equivalents(const ResourceInfo& resource) const override {
    return current_->equivalents(resource);
  }
  bool has_group(std::string_view group) const override { return current_->has_group(group); }
  bool has_version(std::string_view group, std::string_view version) const override {
    return current_->has_version(group, version);
  }
  std::string_view discovery_api() const override { return current_->discovery_api(); }
  std::string_view discovery_apis() const override { return current_->discovery_apis(); }
  std::shared_ptr<const Registry> snapshot() const override { return current_; }
  std::uint64_t generation() const override { return generation_; }

 private:
  std::shared_ptr<const Registry> current_;
  std::uint64_t generation_ = 1;
};

}  // namespace gatepost::kube
