#include "client/in_cluster.h"

#include "base/files.h"
#include "net/host_port.h"

namespace gatepost::client {

std::optional<Result<Connection>> in_cluster(const std::function<std::string(const char*)>& variable,
                                             const std::string& directory) {
  const std::string host = variable("KUBERNETES_SERVICE_HOST"), port = variable("KUBERNETES_SERVICE_PORT");
  if (host.empty() || port.empty()) return std::nullopt;
  Connection connection;
  connection.server = "https://" + net::join_host_port(host, port);
  connection.token_file = directory + "/token";
  auto ca = files::read(directory + "/ca.crt");
  if (!ca) return fail_with(std::move(ca.error()));
  connection.ca_pem = std::move(*ca);
  if (auto ns = files::read(directory + "/namespace"); ns && !ns->empty()) connection.ns = std::move(*ns);
  return connection;
}

}  // namespace gatepost::client
