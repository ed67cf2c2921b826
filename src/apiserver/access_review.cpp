#include "apiserver/access_review.h"

#include <string>
#include <utility>
#include <vector>

#include "kube/validation/reviews.h"

namespace gatepost::apiserver {
namespace {

using admission::UserInfo;

constexpr std::string_view kGroup = "authorization.k8s.io";

json::Array to_array(const std::vector<std::string>& list, const json::Storage& arena) {
  json::Array out(arena);
  for (const std::string& text : list) out.emplace_back(text);
  return out;
}

void set_list(json::Object& object, std::string_view key, const std::vector<std::string>& list,
              const json::Storage& arena) {
  if (!list.empty()) object[key] = to_array(list, arena);
}

bool present(const json::Value& object, std::initializer_list<std::string_view> path) {
  const json::Value* value = json::find_path(object, path);
  return value && !value->is_null();
}

std::vector<std::string> strings(const json::Value& object, std::initializer_list<std::string_view> path) {
  std::vector<std::string> out;
  if (const json::Array* list = json::array_at(object, path)) {
    for (const json::Value& item : *list) {
      if (item.is_string()) out.emplace_back(json::view(item.get_string()));
    }
  }
  return out;
}

// The views point into `object`.
kube::AccessRequest read_request(const json::Value& object) {
  const auto at = [&](std::string_view part, std::string_view key) {
    return json::string_at(object, {"spec", part, key});
  };
  kube::AccessRequest request;
  if (present(object, {"spec", "nonResourceAttributes"})) {
    request.verb = at("nonResourceAttributes", "verb");
    request.path = at("nonResourceAttributes", "path");
    return request;
  }
  request.verb = at("resourceAttributes", "verb");
  request.group = at("resourceAttributes", "group");
  request.resource = at("resourceAttributes", "resource");
  request.subresource = at("resourceAttributes", "subresource");
  request.ns = at("resourceAttributes", "namespace");
  request.name = at("resourceAttributes", "name");
  return request;
}

UserInfo read_user(const json::Value& object) {
  UserInfo user;
  user.name = json::string_at(object, {"spec", "user"});
  user.uid = json::string_at(object, {"spec", "uid"});
  user.groups = strings(object, {"spec", "groups"});
  return user;
}

void set_status(json::Value& object, json::Object status) {
  object.as_object()["status"] = std::move(status);
}

kube::ApiResult<void> answer_access(const ReviewSources& sources, const UserInfo& user, std::string_view kind,
                                    json::Value& object) {
  // As the real server, which names no kind here.
  if (auto errors = kube::validate_access_review(object, kind); !errors.empty())
    return fail_with(kube::invalid(kGroup, "", "", errors));
  const kube::AccessRequest request = read_request(object);
  const kube::Decision decision = sources.decide(kind == "SelfSubjectAccessReview" ? user : read_user(object), request);
  json::Object status(object.storage());
  status["allowed"] = decision.allowed;
  if (!decision.reason.empty()) status["reason"] = decision.reason;
  set_status(object, std::move(status));
  return {};
}

kube::ApiResult<void> answer_rules(const ReviewSources& sources, const UserInfo& user, json::Value& object) {
  const std::string ns(json::string_at(object, {"spec", "namespace"}));
  if (ns.empty()) return fail_with(kube::bad_request("no namespace on request"));
  const json::Storage arena = object.storage();
  std::vector<std::string> errors;
  json::Array resources(arena), paths(arena);
  for (const kube::PolicyRule& rule : sources.rbac.rules_for({user.name, user.groups}, ns, &errors)) {
    json::Object one(arena);
    one["verbs"] = to_array(rule.verbs, arena);
    if (!rule.resources.empty()) {
      set_list(one, "apiGroups", rule.api_groups, arena);
      set_list(one, "resources", rule.resources, arena);
      set_list(one, "resourceNames", rule.resource_names, arena);
      resources.emplace_back(one);
    }
    if (!rule.non_resource_urls.empty()) {
      json::Object path(arena);
      path["verbs"] = to_array(rule.verbs, arena);
      set_list(path, "nonResourceURLs", rule.non_resource_urls, arena);
      paths.emplace_back(path);
    }
  }
  json::Object status(arena);
  status["resourceRules"] = std::move(resources);
  status["nonResourceRules"] = std::move(paths);
  status["incomplete"] = !errors.empty();
  if (!errors.empty()) {
    std::string text;
    for (const std::string& error : errors) text += (text.empty() ? "" : ", ") + error;
    status["evaluationError"] = errors.size() == 1 ? text : "[" + text + "]";
  }
  object.as_object()["spec"] = json::Object(arena);  // the real server's answer does not repeat the question
  set_status(object, std::move(status));
  return {};
}

void answer_self(const UserInfo& user, json::Value& object) {
  const json::Storage arena = object.storage();
  json::Object info(arena);
  if (!user.name.empty()) info["username"] = user.name;
  if (!user.uid.empty()) info["uid"] = user.uid;
  set_list(info, "groups", user.groups, arena);
  if (!user.extra.empty()) {
    json::Object extra(arena);
    for (const auto& [key, values] : user.extra) extra[key] = to_array(values, arena);
    info["extra"] = std::move(extra);
  }
  json::Object status(arena);
  status["userInfo"] = std::move(info);
  set_status(object, std::move(status));
}

}  // namespace

kube::ApiResult<void> answer_review(const ReviewSources& sources, const UserInfo& user, std::string_view kind,
                                    json::Value& object) {
  if (!object.is_object()) return fail_with(kube::bad_request("the review is not an object"));
  if (kind == "SelfSubjectReview") {
    answer_self(user, object);
    return {};
  }
  if (kind == "SelfSubjectRulesReview") return answer_rules(sources, user, object);
  return answer_access(sources, user, kind, object);
}

}  // namespace gatepost::apiserver
