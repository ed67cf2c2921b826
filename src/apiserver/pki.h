// The server's own CA, serving certificate and administrator's token, made at the first start and kept in the data
// directory with mode 0600.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace gatepost::apiserver {

struct Identity {
  std::string ca_pem, ca_key_pem;
  std::string certificate_pem, key_pem;  // of the server
  std::string admin_token;
};

// `directory` empty: nothing is kept. `names`: host names and addresses that the serving certificate must hold; it is
// made anew by the same CA when it lacks one of them or is about to expire.
Result<Identity> load_or_make_identity(const std::string& directory, const std::vector<std::string>& names);

// A kubeconfig for the administrator.
std::string kubeconfig(const Identity& identity, const std::string& url);

}  // namespace gatepost::apiserver
