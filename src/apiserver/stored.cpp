#include "apiserver/stored.h"

#include "apiserver/custom/conversion.h"
#include "apiserver/metadata.h"
#include "json/parse.h"
#include "kube/crd/object.h"
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

// Written in the request's version, by schemas that still hold.
bool is_as_served(const storage::Object& stored, const kube::ResourceInfo& resource) {
  if (!resource.definition) return stored_as_served(resource);
  std::string head = "{\"apiVersion\":\"" + kube::api_version(resource.group, resource.version) + "\",";
  return stored.revision > resource.definition->schema_revision && stored.bytes->starts_with(head);
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

Handled<json::Value> present_object(const Call& call, storage::Object stored) {
  const kube::ResourceInfo& resource = *call.resource;
  if (!resource.definition) co_return read_stored(stored, resource, call.arena);
  auto parsed = json::parse(*stored.bytes, call.arena);
  if (!parsed || !parsed->is_object())
    co_return fail_with(kube::internal_error("stored object " + stored.key.name + " cannot be read"));
  if (is_as_served(stored, resource)) co_return std::move(*parsed);
  const kube::crd::Definition& definition = *resource.definition;
  std::string_view version = json::string_at(*parsed, {"apiVersion"});
  version.remove_prefix(std::min(version.find('/') + 1, version.size()));
  if (const kube::crd::Version* stored_version = definition.version(version))
    kube::crd::settle(*parsed, definition, *stored_version);
  co_return co_await call.deps.converter.convert(std::move(*parsed), resource.definition,
                                                 resource.version_of_definition);
}

Handled<storage::Bytes> served_bytes(const Call& call, storage::Object stored) {
  const kube::ResourceInfo& resource = *call.resource;
  if (!resource.definition) co_return bytes_in_version(stored.bytes, resource);
  if (is_as_served(stored, resource)) co_return stored.bytes;
  auto object = co_await present_object(call, stored);
  if (!object) co_return fail_with(std::move(object.error()));
  co_return std::make_shared<const std::string>(encode(std::as_const(*object)));
}

Handled<bool> into_storage_version(const Call& call, json::Value& object) {
  const kube::ResourceInfo& resource = *call.resource;
  if (!resource.definition) {
    if (auto converted = to_storage_version(object, resource); !converted)
      co_return fail_with(std::move(converted.error()));
    co_return true;
  }
  kube::crd::prune_for_storage(object, resource);
  const kube::crd::Version* version = resource.definition->version(resource.storage_version);
  if (!version || version == resource.version_of_definition) co_return true;
  auto converted = co_await call.deps.converter.convert(object, resource.definition, version);
  if (!converted) co_return fail_with(std::move(converted.error()));
  object = std::move(*converted);
  co_return true;
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
  return kube::plain_error(error.text);
}

}  // namespace gatepost::apiserver
