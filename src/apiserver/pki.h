// The server's own CA, serving certificate and administrator's token, made at the first start and kept in the data
// directory with mode 0600.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "storage/storage.h"

namespace gatepost::apiserver {

struct Identity {
  std::string ca_pem, ca_key_pem;
  std::string certificate_pem, key_pem;  // of the server
  std::string admin_token;
  std::string service_account_key_pem;  // signs tokens of service accounts
};

// `directory` empty: nothing is kept. `names`: host names and addresses that the serving certificate must hold; it is
// made anew by the same CA when it lacks one of them or is about to expire.
Result<Identity> load_or_make_identity(const std::string& directory, const std::vector<std::string>& names);

// The serving certificate as the user brings it: two files, or a directory with apiserver.crt and apiserver.key, which
// are put there when they are missing.
struct ServingFiles {
  std::string certificate_file, key_file;
  std::string directory;
};

// Puts the certificate that `files` names into `identity`; without any it stays as it is.
Result<void> use_serving_files(Identity& identity, const ServingFiles& files);

// The same for servers that share a store: the CA and the token lie in the store, where the first server puts them;
// each server makes a serving certificate of its own.
net::Task<Result<Identity>> shared_identity(storage::Storage& store, std::vector<std::string> names);
// ca.crt, tls.crt and tls.key for another server on this machine, in `directory` (made when missing), for `names`.
// Those that are there are kept while they are good. The answer is the authority's certificate.
Result<std::string> make_serving_files(const std::string& directory, const std::vector<std::string>& names);

// A kubeconfig for the administrator.
std::string kubeconfig(const Identity& identity, const std::string& url);

}  // namespace gatepost::apiserver
