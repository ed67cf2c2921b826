#include "apiserver/authenticate.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <unordered_map>
#include <utility>

#include "apiserver/token_file.h"
#include "base/files.h"
#include "x509/verify.h"

namespace gatepost::apiserver {
namespace {

using admission::UserInfo;

constexpr std::size_t kTokenFileLimit = 16u << 20;
constexpr std::size_t kRemembered = 256;  // verdicts on client certificates
constexpr std::chrono::seconds kRememberedFor{60};

// The token of "Bearer <token>", as the real server takes headers apart; empty: there is none.
std::string_view bearer_token(std::string_view header) {
  while (header.starts_with(' ')) header.remove_prefix(1);
  while (header.ends_with(' ')) header.remove_suffix(1);
  const std::size_t space = header.find(' ');
  if (space == header.npos || !net::http::equal_fold(header.substr(0, space), "bearer")) return {};
  header.remove_prefix(space + 1);
  return header.substr(0, header.find(' '));
}

void add_group(UserInfo& user, std::string_view group) {
  if (std::ranges::find(user.groups, group) == user.groups.end()) user.groups.emplace_back(group);
}

class Authentication final : public Authenticator {
 public:
  Authentication(Tokens tokens, std::shared_ptr<const x509::Pool> client_ca, const ServiceAccountTokens* accounts)
      : tokens_(std::move(tokens)), client_ca_(std::move(client_ca)), accounts_(accounts) {}

  // Certificates are asked first, then tokens; the first that knows the user decides, and wrong ones do not make
  // anybody anonymous.
  kube::ApiResult<UserInfo> authenticate(const net::http::Request& request,
                                         const net::http::Peer& peer) const override {
    bool wrong = false;
    if (client_ca_ && !peer.certificates.empty()) {
      if (auto user = by_certificate(peer.certificates)) return std::move(*user);
      wrong = true;
    }
    if (const std::string_view token = bearer_token(request.headers.get("Authorization")); !token.empty()) {
      if (auto found = user_of(std::string(token), {})) return std::move(found->user);
      wrong = true;
    }
    if (wrong) return fail_with(kube::unauthorized());
    UserInfo nobody;
    nobody.name = "system:anonymous";
    nobody.groups = {"system:unauthenticated"};
    return nobody;
  }

  std::optional<TokenUser> user_of(const std::string& token, const std::vector<std::string>& audiences) const override {
    std::optional<TokenUser> out;
    if (const auto found = tokens_.find(token); found != tokens_.end()) {
      // These are good for the API server, whoever asks.
      std::vector<std::string> own{std::string(default_issuer)};
      if (accounts_) own = accounts_->audiences();
      if (!audiences.empty())
        std::erase_if(own,
                      [&](const std::string& one) { return std::ranges::find(audiences, one) == audiences.end(); });
      if (own.empty()) return out;
      out.emplace();
      out->user = found->second;
      out->audiences = std::move(own);
    } else if (accounts_) {
      out = accounts_->user_of(token, audiences, std::chrono::system_clock::now());
    }
    if (out) add_group(out->user, "system:authenticated");
    return out;
  }

 private:
  struct Verdict {
    std::optional<UserInfo> user;
    std::chrono::system_clock::time_point until;
  };

  std::optional<UserInfo> by_certificate(const std::vector<std::string>& sent) const {
    const auto now = std::chrono::system_clock::now();
    std::string key;
    for (const std::string& der : sent) key += der;
    if (const auto known = verdicts_.find(key); known != verdicts_.end() && now < known->second.until) {
      return known->second.user;
    }
    Verdict verdict{judge(sent, now), now + kRememberedFor};
    if (verdicts_.size() >= kRemembered) verdicts_.clear();
    return verdicts_.insert_or_assign(std::move(key), std::move(verdict)).first->second.user;
  }

  std::optional<UserInfo> judge(const std::vector<std::string>& sent, WallTime now) const {
    const auto chains =
        x509::verify_peer(sent, client_ca_.get(), {.now = now, .usage = x509::ExtKeyUsage::client_auth});
    if (!chains || chains->empty()) return std::nullopt;
    const x509::Certificate& leaf = *chains->front().front();
    if (leaf.subject.common_name().empty()) return std::nullopt;
    UserInfo user;
    user.name = leaf.subject.common_name();
    for (const std::string_view group : leaf.subject.organizations()) user.groups.emplace_back(group);
    user.extra["authentication.kubernetes.io/credential-id"] = {"X509SHA256=" + leaf.sha256_fingerprint()};
    add_group(user, "system:authenticated");
    return user;
  }

  Tokens tokens_;
  std::shared_ptr<const x509::Pool> client_ca_;
  const ServiceAccountTokens* accounts_;
  // A connection brings the same chain with every request. Only the loop's thread comes here.
  mutable std::unordered_map<std::string, Verdict> verdicts_;
};

}  // namespace

Result<std::unique_ptr<Authenticator>> Authenticator::make(AuthenticationOptions options) {
  Tokens tokens;
  if (!options.token_file.empty()) {
    const auto text = files::read(options.token_file, kTokenFileLimit);
    if (!text) return fail("token file " + text.error().text);
    if (auto added = add_tokens(*text, tokens); !added) {
      return fail("token file " + options.token_file + ": " + added.error().text);
    }
  }
  if (auto added = add_tokens(options.extra_tokens_csv, tokens); !added) return fail_with(std::move(added).error());
  std::shared_ptr<x509::Pool> client_ca;
  if (!options.client_ca_pem.empty()) {
    client_ca = std::make_shared<x509::Pool>();
    if (!client_ca->add_pem(options.client_ca_pem)) return fail("the CA of client certificates holds no certificate");
  }
  return std::unique_ptr<Authenticator>(
      std::make_unique<Authentication>(std::move(tokens), std::move(client_ca), options.service_accounts));
}

}  // namespace gatepost::apiserver
