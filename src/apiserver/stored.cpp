#include "apiserver/stored.h"

#include "apiserver/metadata.h"
#include "json/parse.h"
#include "kube/schema/object.h"

namespace gatepost::apiserver {
namespace {

bool stored_as_served(const kube::ResourceInfo& resource) {
  return resource.storage_version == resource.version && resource.storage_group == resource.group;
}

kube::GroupVersionKind served_kind(const kube::ResourceInfo& resource) {
  return {resource.group, resource.version, resource.kind};
}

kube::GroupVersionKind storage_kind(const kube::ResourceInfo& resource) {
  return {resource.storage_group, resource.storage_version, resource.kind};
}

}  // namespace

storage::Key key_of(const kube::ResourceInfo& resource, std::string_view ns, std::string_view name) {
  return {resource.collection, resource.namespaced ? std::string(ns) : std::string(), std::string(name)};
}

kube::ApiResult<json::Value> read_stored(const storage::Object& stored, const kube::ResourceInfo& resource,
                                         json::Storage arena) {
  auto parsed = json::parse(*stored.bytes, std::move(arena));
  if (!parsed) return fail_with(kube::internal_error("stored object " + stored.key.name + ": " + parsed.error().text));
  json::Value object = std::move(*parsed);
  if (!stored_as_served(resource))
    if (auto converted = kube::convert(object, storage_kind(resource), served_kind(resource)); !converted)
      return fail_with(std::move(converted.error()));
  return object;
}

kube::ApiResult<storage::Bytes> bytes_in_version(const storage::Bytes& stored, const kube::ResourceInfo& resource) {
  if (stored_as_served(resource)) return stored;
  storage::Object object;
  object.bytes = stored;
  auto read = read_stored(object, resource, json::make_arena());
  if (!read) return fail_with(std::move(read.error()));
  return std::make_shared<const std::string>(encode(*read));
}

kube::ApiResult<void> to_storage_version(json::Value& object, const kube::ResourceInfo& resource) {
  if (stored_as_served(resource)) return {};
  return kube::convert(object, served_kind(resource), storage_kind(resource));
}

kube::Status status_of(const storage::Error& error, const kube::ResourceInfo& resource, std::string_view name) {
  switch (error.kind) {
    case storage::ErrorKind::exists:
      return kube::already_exists(resource.group, resource.resource, name);
    case storage::ErrorKind::not_found:
      return kube::not_found(resource.group, resource.resource, name);
    case storage::ErrorKind::conflict:
      return kube::conflict(
          resource.group, resource.resource, name,
          "the object has been modified; please apply your changes to the latest version and try again");
    case storage::ErrorKind::expired:
      return kube::gone(error.text);
    case storage::ErrorKind::unavailable:
      break;
  }
  return kube::internal_error(error.text);
}

}  // namespace gatepost::apiserver
