// ObjectMeta on a write: what the system sets, and what the request's URL demands.
#pragma once

#include <string>

#include "apiserver/call.h"
#include "json/value.h"

namespace gatepost::apiserver {

json::Object& metadata_of(json::Value& object);  // made when absent

// Takes away what only the system sets, on a create. A generation stays: the strategies of kinds that have one set it.
void wipe_system_fields(json::Value& object);
// uid and creationTimestamp.
void set_system_fields(json::Value& object, const Call& call);
// Makes a name of generateName when there is no name.
void generate_name(json::Value& object);

// Sets metadata.namespace from the URL, or refuses another one.
kube::ApiResult<void> agree_namespace(json::Value& object, const Call& call);
// Refuses a name that differs from the URL's; sets it when absent.
kube::ApiResult<void> agree_name(json::Value& object, const Call& call);

// The name must be there and be that of the URL.
kube::ApiResult<void> check_name(const json::Value& object, const Call& call);

// Kind, apiVersion and metadata first, metadata.resourceVersion set to `revision`: the bytes for the store.
std::string encode(json::Value& object, storage::Revision revision);
std::string encode(const json::Value& object);  // as it is

}  // namespace gatepost::apiserver
