// Kubeconfig files as kubectl reads them: which server, whom to trust, who we are.
#pragma once

#include <string>

#include "base/result.h"

namespace gatepost::client {

struct KubeconfigFlags {
  std::string kubeconfig;  // path; empty: KUBECONFIG, then ~/.kube/config
  std::string context, cluster, user, ns;
};

struct Connection {
  std::string server;     // "https://127.0.0.1:6443"
  std::string ca_pem;     // empty: the system's trust
  bool insecure = false;  // insecure-skip-tls-verify
  std::string server_name;
  std::string token;
  std::string certificate_pem, key_pem;
  std::string ns = "default";
};

// The error is one line that names the file and what is wrong with it.
Result<Connection> load_connection(const KubeconfigFlags& flags);

// The same from a text; `base` is the directory that relative paths count from.
Result<Connection> read_connection(std::string_view text, const KubeconfigFlags& flags, const std::string& base);

}  // namespace gatepost::client
