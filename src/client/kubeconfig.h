// Kubeconfig files as kubectl reads them: which server, whom to trust, who we are. Several files of KUBECONFIG are one:
// of an entry that is there twice the first counts. Without any file a pod finds its own cluster.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace gatepost::client {

struct KubeconfigFlags {
  std::string kubeconfig;  // path; empty: KUBECONFIG, then ~/.kube/config, then the pod's own cluster
  std::string context, cluster, user, ns;
  std::string as, as_uid;
  std::vector<std::string> as_groups;
  std::string request_timeout;  // "5s"; empty: the usual one; "0": none
};

// A program that hands out credentials (users[].user.exec).
struct ExecPlugin {
  std::string command, api_version;
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> environment;
  std::string install_hint;
  bool cluster_info = false;  // provideClusterInfo
};

struct Connection {
  std::string server;     // "https://127.0.0.1:6443"
  std::string ca_pem;     // empty: the system's trust
  bool insecure = false;  // insecure-skip-tls-verify
  std::string server_name;
  std::string proxy_url;  // empty: HTTPS_PROXY and NO_PROXY of the environment
  std::string token;
  std::string token_file;  // read anew now and then: such tokens are short-lived
  std::string basic_user, basic_password;
  std::string certificate_pem, key_pem;
  std::optional<ExecPlugin> exec;
  std::string as, as_uid;
  std::vector<std::string> as_groups;
  std::vector<std::pair<std::string, std::string>> as_extra;  // a pair for each value
  std::optional<std::chrono::nanoseconds> request_timeout;    // absent: the usual one; zero: none
  std::string ns = "default";
};

// The error is one line that names the file and what is wrong with it.
Result<Connection> load_connection(const KubeconfigFlags& flags);

// One kubeconfig's text and the directory that its relative paths count from.
struct KubeconfigSource {
  std::string text, base;
  std::string name;  // for errors
};

// The same from texts, the first of which counts most.
Result<Connection> read_connection(const std::vector<KubeconfigSource>& sources, const KubeconfigFlags& flags);

// The names of all contexts, sorted.
Result<std::vector<std::string>> context_names(const KubeconfigFlags& flags);

}  // namespace gatepost::client
