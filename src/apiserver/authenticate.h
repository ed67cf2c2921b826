// Who is asking: bearer tokens of a token file or of service accounts, client certificates of the server's CA, or
// nobody (anonymous).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "admission/attributes.h"
#include "apiserver/service_accounts/tokens.h"
#include "kube/status.h"
#include "net/http/server.h"

namespace gatepost::apiserver {

struct AuthenticationOptions {
  std::string token_file;        // kube-apiserver's CSV: token,user,uid,"group1,group2"; empty: no file
  std::string extra_tokens_csv;  // lines of the same form that the server made itself (its own administrator)
  std::string client_ca_pem;     // CA of client certificates; empty: none are believed
  const ServiceAccountTokens* service_accounts = nullptr;  // outlives the authenticator; null: their tokens are wrong
};

class Authenticator {
 public:
  // An error names the token file and the line.
  static Result<std::unique_ptr<Authenticator>> make(AuthenticationOptions options);
  virtual ~Authenticator() = default;
  // system:authenticated is added; without credentials the user is system:anonymous. Wrong credentials: 401.
  virtual kube::ApiResult<admission::UserInfo> authenticate(const net::http::Request& request,
                                                            const net::http::Peer& peer) const = 0;
  // Whom a bearer token is of, for a TokenReview. `audiences` empty: those of the API server.
  virtual std::optional<TokenUser> user_of(const std::string& token,
                                           const std::vector<std::string>& audiences) const = 0;
};

}  // namespace gatepost::apiserver
