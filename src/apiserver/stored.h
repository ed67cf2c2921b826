// Between the store's bytes and the version of a request.
#pragma once

#include "apiserver/call.h"
#include "json/value.h"

namespace gatepost::apiserver {

storage::Key key_of(const kube::ResourceInfo& resource, std::string_view ns, std::string_view name);

// The object in the version of `resource`, as a tree in `arena`.
kube::ApiResult<json::Value> read_stored(const storage::Object& stored, const kube::ResourceInfo& resource,
                                         json::Storage arena);

// The same as bytes: those of the store when it is stored in that version.
kube::ApiResult<storage::Bytes> bytes_in_version(const storage::Bytes& stored, const kube::ResourceInfo& resource);

// Turns `object` from the request's version into the stored one, ready for encode().
kube::ApiResult<void> to_storage_version(json::Value& object, const kube::ResourceInfo& resource);

// The same three steps for any resource: custom ones may need their conversion webhook. The fast way is taken where
// nothing has to be converted.
Handled<json::Value> present_object(const Call& call, storage::Object stored);
Handled<storage::Bytes> served_bytes(const Call& call, storage::Object stored);
Handled<bool> into_storage_version(const Call& call, json::Value& object);

// What the store's refusal means to the client.
kube::Status status_of(const storage::Error& error, const kube::ResourceInfo& resource, std::string_view name);

}  // namespace gatepost::apiserver
