#include "apiserver/continue_token.h"

#include "base/base64.h"
#include "json/parse.h"
#include "json/write.h"

namespace gatepost::apiserver {

std::string encode_continue(const ContinueToken& token, bool with_namespace) {
  std::string start = with_namespace ? token.ns + "/" + token.name : token.name;
  start.push_back('\0');
  std::string revision = token.revision == ContinueToken::newest ? "-1" : std::to_string(token.revision);
  std::string out = "{\"v\":\"meta.k8s.io/v1\",\"rv\":" + revision + ",\"start\":";
  json::write_string(start, out);
  return base64::encode_url(out + "}");
}

kube::ApiResult<ContinueToken> decode_continue(std::string_view text, bool with_namespace) {
  auto refuse = [](const std::string& why) {
    return fail_with(kube::bad_request("invalid continue token: continue key is not valid: " + why));
  };
  auto bytes = base64::decode_url(text);
  if (!bytes) return refuse(bytes.error().text);
  auto parsed = json::parse(*bytes, json::make_arena());
  if (!parsed) return refuse(parsed.error().text);
  if (json::string_at(*parsed, {"v"}) != "meta.k8s.io/v1")
    return refuse("server does not recognize this encoded version " + std::string(json::string_at(*parsed, {"v"})));
  std::int64_t revision = json::int_at(*parsed, {"rv"});
  if (revision == 0) return refuse("incorrect encoded start resourceVersion (version meta.k8s.io/v1)");
  std::string start(json::string_at(*parsed, {"start"}));
  if (start.empty()) return refuse("encoded start key empty (version meta.k8s.io/v1)");
  if (start.back() == '\0') start.pop_back();
  ContinueToken token;
  token.revision = revision < 0 ? ContinueToken::newest : static_cast<storage::Revision>(revision);
  if (with_namespace) {
    std::size_t slash = start.find('/');
    if (slash == std::string::npos) return refuse("encoded continue key is of another list");
    token.ns = start.substr(0, slash);
    start.erase(0, slash + 1);
  }
  token.name = start;
  return token;
}

}  // namespace gatepost::apiserver
