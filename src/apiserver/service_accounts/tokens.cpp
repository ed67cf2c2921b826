#include "apiserver/service_accounts/tokens.h"

#include <algorithm>

#include "base/files.h"
#include "base/random.h"
#include "json/parse.h"
#include "json/write.h"
#include "x509/jws.h"

namespace gatepost::apiserver {
namespace {

constexpr std::size_t key_file_limit = 1u << 20;

std::int64_t seconds_of(WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count();
}

json::Value reference(const TokenReference& of) {
  json::Object out;
  out["name"] = of.name;
  if (!of.uid.empty()) out["uid"] = of.uid;
  return out;
}

TokenReference reference_at(const json::Value& claims, std::string_view what) {
  return {std::string(json::string_at(claims, {"kubernetes.io", what, "name"})),
          std::string(json::string_at(claims, {"kubernetes.io", what, "uid"}))};
}

std::vector<std::string> texts(const json::Value* value) {
  std::vector<std::string> out;
  if (value && value->is_string()) out.emplace_back(json::view(value->get_string()));
  if (value && value->is_array())
    for (const json::Value& item : value->get_array())
      if (item.is_string()) out.emplace_back(json::view(item.get_string()));
  return out;
}

class Tokens final : public ServiceAccountTokens {
 public:
  Tokens(ServiceAccountOptions options, std::unique_ptr<const x509::JwsSigner> signer,
         std::unique_ptr<x509::JwsVerifier> verifier, const storage::Storage& store)
      : issuers_(std::move(options.issuers)),
        audiences_(std::move(options.audiences)),
        signer_(std::move(signer)),
        verifier_(std::move(verifier)),
        store_(store) {
    if (issuers_.empty()) issuers_.emplace_back(default_issuer);
    if (audiences_.empty()) audiences_ = issuers_;
  }

  Issued issue(const TokenClaims& claims, WallTime now) const override {
    const std::int64_t at = seconds_of(now);
    std::string id = random_uuid();
    json::Object out, bound;
    json::Array audiences;
    for (const std::string& audience : claims.audiences) audiences.emplace_back(audience);
    out["aud"] = std::move(audiences);
    out["exp"] = at + claims.seconds;
    out["iat"] = at;
    out["iss"] = issuers_.front();
    out["jti"] = id;
    bound["namespace"] = claims.ns;
    if (claims.node.given()) bound["node"] = reference(claims.node);
    if (claims.pod.given()) bound["pod"] = reference(claims.pod);
    if (claims.secret.given()) bound["secret"] = reference(claims.secret);
    bound["serviceaccount"] = reference(claims.account);
    out["kubernetes.io"] = std::move(bound);
    out["nbf"] = at;
    out["sub"] = "system:serviceaccount:" + claims.ns + ":" + claims.account.name;
    return {signer_->sign(json::write(json::Value(std::move(out)))), "JTI=" + id};
  }

  std::optional<TokenUser> user_of(std::string_view token, const std::vector<std::string>& audiences,
                                   WallTime now) const override {
    const auto payload = verifier_->verify(token);
    if (!payload) return std::nullopt;
    const auto claims = json::parse(*payload, json::make_arena());
    if (!claims || !claims->is_object()) return std::nullopt;
    if (std::ranges::find(issuers_, json::string_at(*claims, {"iss"})) == issuers_.end()) return std::nullopt;
    // jose's leeway for clocks that differ.
    constexpr std::int64_t leeway = 60;
    const std::int64_t at = seconds_of(now);
    if (json::int_at(*claims, {"exp"}) + leeway < at || json::int_at(*claims, {"nbf"}) - leeway > at)
      return std::nullopt;
    TokenUser out;
    const std::vector<std::string>& wanted = audiences.empty() ? audiences_ : audiences;
    for (std::string& audience : texts(json::find(*claims, "aud")))
      if (std::ranges::find(wanted, audience) != wanted.end()) out.audiences.push_back(std::move(audience));
    if (out.audiences.empty()) return std::nullopt;
    const std::string ns(json::string_at(*claims, {"kubernetes.io", "namespace"}));
    const TokenReference account = reference_at(*claims, "serviceaccount"), pod = reference_at(*claims, "pod"),
                         secret = reference_at(*claims, "secret"), node = reference_at(*claims, "node");
    if (json::string_at(*claims, {"sub"}) != "system:serviceaccount:" + ns + ":" + account.name) return std::nullopt;
    if (!is_there("/serviceaccounts", ns, account, now)) return std::nullopt;
    if (pod.given() && !is_there("/pods", ns, pod, now)) return std::nullopt;
    if (secret.given() && !is_there("/secrets", ns, secret, now)) return std::nullopt;
    if (node.given() && !pod.given() && !is_there("/nodes", "", node, now)) return std::nullopt;
    tell(out.user, ns, account, pod, node, json::string_at(*claims, {"jti"}));
    return out;
  }

  const std::vector<std::string>& audiences() const override { return audiences_; }

 private:
  // The object of that name is the one that was meant, and has not been going for more than a minute.
  bool is_there(const char* collection, const std::string& ns, const TokenReference& what, WallTime now) const {
    constexpr std::chrono::seconds grace(60);
    const auto stored = store_.get({collection, ns, what.name});
    if (!stored) return false;
    const auto object = json::parse(*stored->bytes, json::make_arena());
    if (!object || json::string_at(*object, {"metadata", "uid"}) != what.uid) return false;
    const auto deleted = parse_rfc3339(json::string_at(*object, {"metadata", "deletionTimestamp"}));
    return !deleted || *deleted + grace > now;
  }

  static void tell(admission::UserInfo& user, const std::string& ns, const TokenReference& account,
                   const TokenReference& pod, const TokenReference& node, std::string_view id) {
    user.name = "system:serviceaccount:" + ns + ":" + account.name;
    user.uid = account.uid;
    user.groups = {"system:serviceaccounts", "system:serviceaccounts:" + ns};
    const std::string prefix = "authentication.kubernetes.io/";
    if (!id.empty()) user.extra[prefix + "credential-id"] = {"JTI=" + std::string(id)};
    if (pod.given()) {
      user.extra[prefix + "pod-name"] = {pod.name};
      user.extra[prefix + "pod-uid"] = {pod.uid};
    }
    if (node.given()) {
      user.extra[prefix + "node-name"] = {node.name};
      if (!node.uid.empty()) user.extra[prefix + "node-uid"] = {node.uid};
    }
  }

  std::vector<std::string> issuers_, audiences_;
  std::unique_ptr<const x509::JwsSigner> signer_;
  std::unique_ptr<x509::JwsVerifier> verifier_;
  const storage::Storage& store_;
};

}  // namespace

Result<std::unique_ptr<const ServiceAccountTokens>> ServiceAccountTokens::make(ServiceAccountOptions options,
                                                                               const std::string& own_key_pem,
                                                                               const storage::Storage& store) {
  std::string key = own_key_pem;
  if (!options.signing_key_file.empty()) {
    auto read = files::read(options.signing_key_file, key_file_limit);
    if (!read) return fail("service account signing key: " + read.error().text);
    key = std::move(*read);
  }
  auto signer = x509::JwsSigner::make(key);
  if (!signer) return fail("service account signing key: " + signer.error().text);
  auto verifier = x509::JwsVerifier::make();
  if (auto added = verifier->add(key); !added) return fail("service account signing key: " + added.error().text);
  for (const std::string& file : options.key_files) {
    auto read = files::read(file, key_file_limit);
    if (!read) return fail("service account key: " + read.error().text);
    if (auto added = verifier->add(*read); !added)
      return fail("service account key " + file + ": " + added.error().text);
  }
  return std::make_unique<const Tokens>(std::move(options), std::move(*signer), std::move(verifier), store);
}

}  // namespace gatepost::apiserver
