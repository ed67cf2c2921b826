// A REST client of one API server.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "client/kubeconfig.h"
#include "json/value.h"
#include "net/http/client.h"

namespace gatepost::client {

struct Reply {
  int status = 0;
  json::Value body;  // JSON; null when it was none
  std::string text;  // of a Status: its message; else the body
};

// A connection that the API server switched to another protocol.
struct Upgraded {
  std::unique_ptr<net::ByteStream> stream;
  std::string early;  // bytes that came with the answer's head
};

class Rest {
 public:
  // Runs an exec plugin where the connection names one.
  static Result<Rest> make(Connection connection);

  // `path` begins with "/api". Fails with one line when the server cannot be reached at all. "Too many requests" is
  // obeyed: the call waits as the answer says, a few times, within its patience.
  // `patience` bounds it where the connection's own time is longer.
  net::Task<Result<Reply>> call(std::string method, std::string path, std::string body = "",
                                std::optional<std::chrono::nanoseconds> patience = std::nullopt);
  // Switches a connection of its own to WebSocket with this subprotocol. Not through a proxy.
  net::Task<net::NetResult<Upgraded>> upgrade(std::string path, std::string protocol, net::SteadyTime deadline);
  const Connection& connection() const { return connection_; }

 private:
  net::http::Request request(const std::string& method, const std::string& body);

  Connection connection_;
  std::chrono::steady_clock::time_point token_read_{};
  std::shared_ptr<net::http::Client> client_;
  std::optional<net::tls::ClientConfig> tls_;
  net::Proxies proxies_;
};

}  // namespace gatepost::client
