// The embedded API server as a whole: opens the store, makes its identity, listens, serves, and ends in order.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "admission/make_client.h"
#include "apiserver/authorize.h"
#include "apiserver/companion.h"
#include "apiserver/service_accounts/tokens.h"
#include "base/result.h"
#include "net/task.h"
#include "storage/storage.h"

namespace gatepost::apiserver {

struct ServerOptions {
  std::string listen = "127.0.0.1:6443";
  std::string data;  // a directory, ":memory:", or "etcd://HOST:PORT[,HOST:PORT...]"
  storage::Durability durability = storage::Durability::full;
  std::string kubeconfig_out;  // empty: beside the data
  std::string token_auth_file;
  std::string audit_log;     // a file, "-" for standard output; empty: no audit log
  std::string audit_policy;  // empty: the metadata of every request
  // The address by which others reach this server, an IP address: in the Service `kubernetes`, in the certificate and
  // in the kubeconfig. Empty: the one it listens at.
  std::string advertise_address;
  std::string client_ca_file;              // believed beside the server's own authority
  std::string certificate_file, key_file;  // of the server; empty: its own
  std::string certificate_directory;       // holds apiserver.crt and apiserver.key, or gets them
  std::string service_cluster_ip_range;    // empty: 10.96.0.0/12
  std::vector<std::string> apply;          // manifests that are there before the server is ready: files or folders
  std::vector<std::string> from_webhooks;  // the same of webhooks, which are made to point to webhook_address
  std::string webhook_address = "127.0.0.1:9443";
  std::string webhook_certificates;  // folder for tls.crt and tls.key; empty: beside the kubeconfig
  ServiceAccountOptions service_accounts;
  AuthorizationMode authorization = AuthorizationMode::rbac;
  net::http::Dialer dial;             // of webhooks' backends; empty: the network
  admission::MakeClient make_client;  // of webhooks; empty: the real one
  MakeCompanion companion;
};

// What is wrong with the input or the environment: one line. The program ends with exit code 2.
using ServeResult = Result<void>;

// How to reach the server, once it answers.
struct Ready {
  std::string url, kubeconfig;
  std::string webhook_url, webhook_certificates;  // of webhooks on this machine; empty without from_webhooks
};

// Serves until `stop` completes. `ready` is called once, when requests are answered.
net::Task<ServeResult> serve(ServerOptions options, net::Task<void> stop, std::function<void(const Ready&)> ready);

}  // namespace gatepost::apiserver
