#include "apiserver/controllers/agent.h"

#include "apiserver/local_request.h"
#include "apiserver/removal.h"

namespace gatepost::apiserver {
namespace {

// A request and all that a Call refers to.
struct Errand {
  Errand(const Deps& deps, const std::string& account, const kube::ResourceInfo& resource, const storage::Key& key)
      : call{deps, request, peer, writer} {
    call.registry = deps.registry->snapshot();
    call.resource = &resource;
    call.info.is_resource = true;
    call.info.group = resource.group;
    call.info.version = resource.version;
    call.info.resource = resource.resource;
    call.info.ns = key.ns;
    call.info.name = key.name;
    call.user.name = "system:serviceaccount:kube-system:" + account;
    call.user.groups = {"system:serviceaccounts", "system:serviceaccounts:kube-system", "system:authenticated"};
    call.arena = json::make_arena(16 * 1024);
    constexpr auto most = std::chrono::seconds(34);
    call.deadline = std::chrono::steady_clock::now() + most;
  }
  net::http::Request request;
  net::http::Peer peer;
  LocalAnswer writer;
  Call call;
};

json::Value options_value(std::string_view kind, const json::Storage& arena) {
  json::Value value(json::Object(arena), arena);
  value.get_object()["kind"] = kind;
  value.get_object()["apiVersion"] = "meta.k8s.io/v1";
  return value;
}

}  // namespace

net::Task<kube::ApiResult<void>> Agent::remove(const kube::ResourceInfo& resource, storage::Key key,
                                               DeleteOptions options) {
  Errand errand(deps_, account_, resource, key);
  errand.call.info.verb = "delete";
  options.as_object = options_value("DeleteOptions", errand.call.arena);
  json::Object& shown = options.as_object.get_object();
  if (!options.precondition_uid.empty()) shown["preconditions"] = json::Object{{"uid", options.precondition_uid}};
  if (!options.propagation_policy.empty()) shown["propagationPolicy"] = options.propagation_policy;
  auto answer = co_await remove_object(errand.call, std::move(options));
  if (!answer && answer.error().code != 404) co_return fail_with(std::move(answer.error()));
  co_return kube::ApiResult<void>{};
}

net::Task<kube::ApiResult<void>> Agent::change(const kube::ResourceInfo& resource, storage::Key key,
                                               std::string subresource, Change change) {
  Errand errand(deps_, account_, resource, key);
  Call& call = errand.call;
  call.info.verb = "update";
  call.info.subresource = subresource;
  if (!subresource.empty()) call.subresource = resource.subresource(subresource);
  WriteOptions options;
  options.as_object = options_value("UpdateOptions", call.arena);
  auto answer = co_await change_object(call, std::move(change), std::move(options));
  if (!answer && answer.error().code != 404) co_return fail_with(std::move(answer.error()));
  co_return kube::ApiResult<void>{};
}

const kube::ResourceInfo* stored_resource(const kube::Registry& registry, std::string_view collection) {
  for (const auto& resource : registry.all())
    if (resource->collection == collection && resource->group == resource->storage_group &&
        resource->version == resource->storage_version)
      return resource.get();
  return nullptr;
}

DeleteOptions delete_options(std::string propagation_policy, std::string uid) {
  DeleteOptions options;
  options.propagation_policy = std::move(propagation_policy);
  options.precondition_uid = std::move(uid);
  return options;
}

}  // namespace gatepost::apiserver
