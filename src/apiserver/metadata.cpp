#include "apiserver/metadata.h"

#include "base/random.h"
#include "kube/schema/print.h"

namespace gatepost::apiserver {

json::Object& metadata_of(json::Value& object) {
  json::Value& metadata = object.get_object()["metadata"];
  if (!metadata.is_object()) metadata.emplace_object();
  return metadata.get_object();
}

void wipe_system_fields(json::Value& object) {
  json::Object& metadata = metadata_of(object);
  for (const char* field : {"uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"})
    metadata.erase(field);
}

void set_system_fields(json::Value& object, const Call& call) {
  json::Object& metadata = metadata_of(object);
  metadata["uid"] = random_uuid();
  metadata["creationTimestamp"] = rfc3339(call.deps.now());
}

void generate_name(json::Value& object) {
  json::Object& metadata = metadata_of(object);
  std::string_view prefix = json::string_at(object, {"metadata", "generateName"});
  if (!json::string_at(object, {"metadata", "name"}).empty() || prefix.empty()) return;
  // apimachinery keeps names within 63 characters: a prefix of 58 and five random ones.
  std::string name(prefix.substr(0, 58));
  metadata["name"] = name + random_name_suffix();
}

kube::ApiResult<void> agree_namespace(json::Value& object, const Call& call) {
  json::Object& metadata = metadata_of(object);
  std::string_view given = json::string_at(object, {"metadata", "namespace"});
  const std::string want = call.resource->namespaced ? call.info.ns : "";
  if (given.empty()) {
    if (!want.empty()) metadata["namespace"] = want;
    return {};
  }
  if (given == want) return {};
  if (want.empty()) {
    metadata.erase("namespace");
    return {};
  }
  return fail_with(
      kube::bad_request("the namespace of the provided object does not match the namespace sent on the request"));
}

kube::ApiResult<void> agree_name(json::Value& object, const Call& call) {
  if (json::string_at(object, {"metadata", "name"}).empty()) metadata_of(object)["name"] = call.info.name;
  return check_name(object, call);
}

kube::ApiResult<void> check_name(const json::Value& object, const Call& call) {
  std::string_view given = json::string_at(object, {"metadata", "name"});
  if (given.empty())
    return fail_with(kube::bad_request("the name of the object (" + call.info.name +
                                       " based on URL) was undeterminable: name must be provided"));
  if (given == call.info.name) return {};
  return fail_with(kube::bad_request("the name of the object (" + std::string(given) +
                                     ") does not match the name on the URL (" + call.info.name + ")"));
}

std::string encode(const json::Value& object) {
  std::string out;
  out.reserve(1024);
  kube::print(object, kube::PrintForm::stored, out);
  return out;
}

std::string encode(json::Value& object, storage::Revision revision) {
  metadata_of(object)["resourceVersion"] = std::to_string(revision);
  return encode(object);
}

}  // namespace gatepost::apiserver
