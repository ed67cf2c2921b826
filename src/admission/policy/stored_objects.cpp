#include "admission/policy/stored_objects.h"

#include "json/parse.h"
#include "kube/schema/object.h"

namespace gatepost::admission {
namespace {

constexpr std::size_t most_known = 4096;

// A tree with the memory that it lives in.
struct Held {
  json::Storage arena;
  json::Value value;
};

}  // namespace

kube::ApiResult<StoredObjects::Handle> StoredObjects::read(const kube::ResourceInfo& resource,
                                                           const storage::Object& object) {
  std::string key =
      resource.group + "/" + resource.version + "/" + resource.resource + "\n" + object.key.ns + "\n" + object.key.name;
  if (auto known = known_.find(key); known != known_.end() && known->second.revision == object.revision)
    return known->second.value;
  auto held = std::make_shared<Held>();
  held->arena = json::make_arena(object.bytes->size() * 2);
  auto parsed = json::parse(*object.bytes, held->arena);
  if (!parsed) return fail_with(kube::internal_error(parsed.error().text));
  held->value = std::move(*parsed);
  kube::GroupVersionKind stored{resource.storage_group, resource.storage_version, resource.kind};
  kube::GroupVersionKind wanted{resource.group, resource.version, resource.kind};
  if (!(stored == wanted))
    if (auto converted = kube::convert(held->value, stored, wanted); !converted)
      return fail_with(std::move(converted.error()));
  if (known_.size() >= most_known) known_.clear();
  Handle handle(held, &held->value);
  known_[std::move(key)] = {object.revision, handle};
  return handle;
}

kube::ApiResult<StoredObjects::Handle> StoredObjects::get(const kube::ResourceInfo& resource, const std::string& ns,
                                                          const std::string& name) {
  auto object = store_.get({resource.collection, resource.namespaced ? ns : std::string(), name});
  if (!object) return Handle();
  return read(resource, *object);
}

kube::ApiResult<std::vector<StoredObjects::Handle>> StoredObjects::list(const kube::ResourceInfo& resource,
                                                                        const std::string& ns) {
  std::vector<Handle> out;
  for (const storage::Object& object : store_.list(resource.collection, {.ns = ns}).objects) {
    auto handle = read(resource, object);
    if (!handle) return fail_with(std::move(handle.error()));
    out.push_back(std::move(*handle));
  }
  return out;
}

}  // namespace gatepost::admission
