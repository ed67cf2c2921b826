// Objects of the store as trees, for expressions: read when a request first needs them and kept until they change.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "json/value.h"
#include "kube/registry/registry.h"
#include "kube/status.h"
#include "storage/storage.h"

namespace gatepost::admission {

class StoredObjects {
 public:
  using Handle = std::shared_ptr<const json::Value>;

  explicit StoredObjects(const storage::Storage& store) : store_(store) {}

  // In the version of `resource`. Null: it is not there.
  kube::ApiResult<Handle> get(const kube::ResourceInfo& resource, const std::string& ns, const std::string& name);
  // All of a namespace, or all there are (`ns` empty), in order of their names.
  kube::ApiResult<std::vector<Handle>> list(const kube::ResourceInfo& resource, const std::string& ns);

 private:
  struct Known {
    storage::Revision revision = 0;
    Handle value;
  };
  kube::ApiResult<Handle> read(const kube::ResourceInfo& resource, const storage::Object& object);

  const storage::Storage& store_;
  std::unordered_map<std::string, Known> known_;  // forgotten as a whole when it grows too large
};

}  // namespace gatepost::admission
