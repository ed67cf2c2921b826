#include "remedy/api.h"

#include "json/write.h"

namespace gatepost::remedy {
namespace {

ApiError::Kind kind_of(const client::Reply& reply) {
  switch (reply.status) {
    case 401:
    case 403:
      // A webhook that denies answers with 403 as well, and is no question of rights.
      return reply.text.find("admission webhook") == std::string::npos ? ApiError::Kind::forbidden
                                                                       : ApiError::Kind::refused;
    case 404:
      return ApiError::Kind::not_found;
    case 409:
      return ApiError::Kind::conflict;
    default:
      return reply.text.find("failed calling webhook") == std::string::npos ? ApiError::Kind::refused
                                                                            : ApiError::Kind::webhook;
  }
}

std::string query(DryRun dry_run) {
  return std::string("?fieldManager=") + field_manager + (dry_run == DryRun::yes ? "&dryRun=All" : "");
}

}  // namespace

net::Task<ApiResult<client::Reply>> Api::send(std::string method, std::string path, std::string body) {
  auto reply = co_await rest_->call(std::move(method), std::move(path), std::move(body));
  if (!reply) co_return fail_with(ApiError{ApiError::Kind::unreachable, std::move(reply.error().text)});
  if (reply->status >= 400) co_return fail_with(ApiError{kind_of(*reply), reply->text});
  co_return std::move(*reply);
}

net::Task<ApiResult<std::optional<json::Value>>> Api::get(ObjectRef ref) {
  auto reply = co_await send("GET", path_of(ref), "");
  if (reply) co_return std::optional(whole(reply->body, ref));
  if (reply.error().kind == ApiError::Kind::not_found) co_return std::optional<json::Value>();
  co_return fail_with(std::move(reply.error()));
}

net::Task<ApiResult<json::Value>> Api::create(ObjectRef ref, json::Value object, DryRun dry_run) {
  auto reply = co_await send("POST", collection_of(ref) + query(dry_run), json::write(object));
  if (!reply) co_return fail_with(std::move(reply.error()));
  co_return whole(reply->body, ref);
}

net::Task<ApiResult<json::Value>> Api::update(ObjectRef ref, std::string subresource, json::Value object,
                                              DryRun dry_run) {
  std::string path = path_of(ref);
  if (!subresource.empty()) path += "/" + subresource;
  auto reply = co_await send("PUT", path + query(dry_run), json::write(object));
  if (!reply) co_return fail_with(std::move(reply.error()));
  co_return whole(reply->body, ref);
}

net::Task<ApiResult<void>> Api::remove(ObjectRef ref, json::Value object, DryRun dry_run) {
  json::Object preconditions;
  preconditions["uid"] = uid_of(object);
  preconditions["resourceVersion"] = version_of(object);
  json::Object options;
  options["apiVersion"] = "v1";
  options["kind"] = "DeleteOptions";
  options["preconditions"] = std::move(preconditions);
  if (dry_run == DryRun::yes) options["dryRun"] = json::Array{"All"};
  auto reply = co_await send("DELETE", path_of(ref), json::write(json::Value(std::move(options))));
  if (!reply) co_return fail_with(std::move(reply.error()));
  co_return ApiResult<void>{};
}

net::Task<std::optional<bool>> Api::allowed(std::string verb, ObjectRef ref, std::string subresource) {
  json::Object attributes;
  attributes["verb"] = verb;
  attributes["group"] = group_of(ref.api_version);
  attributes["resource"] = resource_of(ref.kind);
  if (!subresource.empty()) attributes["subresource"] = subresource;
  if (!ref.ns.empty()) attributes["namespace"] = ref.ns;
  if (!ref.name.empty() && verb != "create") attributes["name"] = ref.name;
  json::Object spec;
  spec["resourceAttributes"] = std::move(attributes);
  json::Object review;
  review["apiVersion"] = "authorization.k8s.io/v1";
  review["kind"] = "SelfSubjectAccessReview";
  review["spec"] = std::move(spec);
  auto reply = co_await send("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                             json::write(json::Value(std::move(review))));
  if (!reply) co_return std::nullopt;
  co_return json::bool_at(reply->body, {"status", "allowed"});
}

}  // namespace gatepost::remedy
