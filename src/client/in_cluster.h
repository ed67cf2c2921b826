// The connection of a pod to its own cluster: the environment names the server, a mounted directory holds the service
// account's token, the CA and the namespace.
#pragma once

#include <functional>
#include <optional>

#include "client/kubeconfig.h"

namespace gatepost::client {

inline constexpr const char* service_account_directory = "/var/run/secrets/kubernetes.io/serviceaccount";

// nullopt outside of a cluster (KUBERNETES_SERVICE_HOST is not set); an error where the mounted files cannot be read.
std::optional<Result<Connection>> in_cluster(const std::function<std::string(const char*)>& variable,
                                             const std::string& directory);

}  // namespace gatepost::client
