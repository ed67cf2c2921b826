#include "apiserver/token_review.h"

#include <optional>
#include <utility>

namespace gatepost::apiserver {
namespace {

std::vector<std::string> wanted_audiences(const json::Value& review) {
  std::vector<std::string> out;
  if (const json::Array* audiences = json::array_at(review, {"spec", "audiences"}))
    for (const json::Value& audience : *audiences)
      if (audience.is_string()) out.emplace_back(json::view(audience.get_string()));
  return out;
}

json::Array list_of(const std::vector<std::string>& texts, const json::Storage& arena) {
  json::Array out(arena);
  for (const std::string& text : texts) out.emplace_back(text);
  return out;
}

json::Object printed(const admission::UserInfo& user, const json::Storage& arena) {
  json::Object out(arena);
  if (!user.name.empty()) out["username"] = user.name;
  if (!user.uid.empty()) out["uid"] = user.uid;
  if (!user.groups.empty()) out["groups"] = list_of(user.groups, arena);
  if (user.extra.empty()) return out;
  json::Object extra(arena);
  for (const auto& [key, values] : user.extra) extra[key] = list_of(values, arena);
  out["extra"] = std::move(extra);
  return out;
}

}  // namespace

kube::ApiResult<void> answer_token_review(const Authenticator& authenticator, json::Value& review) {
  std::string_view token = json::string_at(review, {"spec", "token"});
  if (token.empty()) return fail_with(kube::bad_request("token is required for TokenReview in authentication"));
  const json::Storage arena = review.storage();
  const std::optional<TokenUser> found = authenticator.user_of(std::string(token), wanted_audiences(review));
  json::Object status(arena);
  if (found) status["authenticated"] = true;
  status["user"] = found ? printed(found->user, arena) : json::Object(arena);
  if (found)
    status["audiences"] = list_of(found->audiences, arena);
  else
    status["error"] = "invalid bearer token";
  review.get_object()["status"] = std::move(status);
  return {};
}

}  // namespace gatepost::apiserver
