// Who is asking: bearer tokens of a token file, client certificates of the server's CA, or nobody (anonymous).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "admission/attributes.h"
#include "kube/status.h"
#include "net/http/server.h"

namespace gatepost::apiserver {

struct AuthenticationOptions {
  std::string token_file;        // kube-apiserver's CSV: token,user,uid,"group1,group2"; empty: no file
  std::string extra_tokens_csv;  // lines of the same form that the server made itself (its own administrator)
  std::string client_ca_pem;     // CA of client certificates; empty: none are believed
};

class Authenticator {
 public:
  // An error names the token file and the line.
  static Result<std::unique_ptr<Authenticator>> make(AuthenticationOptions options);
  virtual ~Authenticator() = default;
  // system:authenticated is added; without credentials the user is system:anonymous. Wrong credentials: 401.
  virtual kube::ApiResult<admission::UserInfo> authenticate(const net::http::Request& request,
                                                            const net::http::Peer& peer) const = 0;
  // Whose bearer token this is, if anybody's.
  virtual std::optional<admission::UserInfo> by_token(std::string_view token) const = 0;
};

}  // namespace gatepost::apiserver
