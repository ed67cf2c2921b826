// Tokens of service accounts: made for TokenRequests, and believed when they are ours, still good, and what they are
// bound to is still there.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admission/attributes.h"
#include "base/result.h"
#include "base/time.h"
#include "storage/storage.h"

namespace gatepost::apiserver {

// Who issues tokens, and whom they are for, when nothing else is said.
inline constexpr std::string_view default_issuer = "https://kubernetes.default.svc";

struct ServiceAccountOptions {
  std::vector<std::string> issuers;    // the first one is put into tokens; empty: default_issuer
  std::vector<std::string> audiences;  // of the API server; empty: the issuers
  std::string signing_key_file;        // empty: a key of our own
  std::vector<std::string> key_files;  // tokens signed by these are believed too
};

struct TokenReference {
  std::string name, uid;
  bool given() const { return !name.empty(); }
};

struct TokenClaims {
  std::string ns;
  TokenReference account, pod, secret, node;
  std::vector<std::string> audiences;
  std::int64_t seconds = 3600;
};

// Whom a token is of, and the audiences it was made for among those that were asked for.
struct TokenUser {
  admission::UserInfo user;
  std::vector<std::string> audiences;
};

class ServiceAccountTokens {
 public:
  // `own_key_pem` signs when no file is named. The store outlives this.
  static Result<std::unique_ptr<const ServiceAccountTokens>> make(ServiceAccountOptions options,
                                                                  const std::string& own_key_pem,
                                                                  const storage::Storage& store);
  virtual ~ServiceAccountTokens() = default;

  struct Issued {
    std::string token, id;  // id: what the audit log calls it
  };
  virtual Issued issue(const TokenClaims& claims, WallTime now) const = 0;

  // Nothing for a token that is not ours or not good (any more). `audiences` empty: those of the API server.
  virtual std::optional<TokenUser> user_of(std::string_view token, const std::vector<std::string>& audiences,
                                           WallTime now) const = 0;

  virtual const std::vector<std::string>& audiences() const = 0;
};

}  // namespace gatepost::apiserver
