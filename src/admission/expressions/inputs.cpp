#include "admission/expressions/inputs.h"

#include "admission/predicates/rules.h"

namespace gatepost::admission {
namespace {

void optional_text(json::Object& object, std::string_view key, std::string_view text) {
  if (!text.empty()) object.emplace(key, text);
}

json::Object kind_object(const Kind& kind, const json::Storage& storage) {
  return json::Object({{"group", kind.group}, {"version", kind.version}, {"kind", kind.kind}}, storage);
}

json::Object resource_object(const Resource& resource, const json::Storage& storage) {
  return json::Object({{"group", resource.group}, {"version", resource.version}, {"resource", resource.resource}},
                      storage);
}

json::Array texts(const std::vector<std::string>& values, const json::Storage& storage) {
  json::Array out(storage);
  out.reserve(values.size());
  for (const std::string& value : values) out.emplace_back(value);
  return out;
}

json::Object user_object(const UserInfo& user, const json::Storage& storage) {
  json::Object out(storage);
  optional_text(out, "username", user.name);
  optional_text(out, "uid", user.uid);
  if (!user.groups.empty()) out.emplace("groups", texts(user.groups, storage));
  if (user.extra.empty()) return out;
  json::Object extra(storage);
  for (const auto& [key, values] : user.extra) extra.emplace(key, texts(values, storage));
  out.emplace("extra", std::move(extra));
  return out;
}

json::Value request_value(const Attributes& attributes, const Kind& kind, const Resource& resource,
                          const json::Storage& storage) {
  json::Object out(storage);
  out.reserve(13);
  out.emplace("uid", "");
  out.emplace("kind", kind_object(kind, storage));
  out.emplace("resource", resource_object(resource, storage));
  optional_text(out, "subResource", attributes.subresource);
  out.emplace("requestKind", kind_object(attributes.kind, storage));
  out.emplace("requestResource", resource_object(attributes.resource, storage));
  optional_text(out, "requestSubResource", attributes.subresource);
  optional_text(out, "name", attributes.name);
  optional_text(out, "namespace", attributes.ns);
  out.emplace("operation", operation_name(attributes.operation));
  out.emplace("userInfo", user_object(attributes.user, storage));
  out.emplace("dryRun", attributes.dry_run);
  out.emplace("options", attributes.options);
  return json::Value(std::move(out), storage);
}

}  // namespace

cel::AuthorizationAnswer RequestAuthorizer::check(const cel::AuthorizationQuestion& question) {
  if (!authorize_) return {.allowed = false, .reason = "", .error = "no authorizer"};
  if (question.service_account_name.empty()) return authorize_(user_, question);
  std::string ns(question.service_account_namespace);
  UserInfo account;
  account.name = "system:serviceaccount:" + ns + ":" + std::string(question.service_account_name);
  account.groups = {"system:serviceaccounts", "system:serviceaccounts:" + ns};
  return authorize_(account, question);
}

const json::Value& RequestValues::get(const Kind& kind, const Resource& resource) {
  for (const auto& known : made_)
    if (known->kind == kind && known->resource == resource) return known->value;
  if (made_.empty()) arena_ = json::make_arena();
  made_.push_back(std::make_unique<Made>(Made{kind, resource, request_value(attributes_, kind, resource, arena_)}));
  return made_.back()->value;
}

}  // namespace gatepost::admission
