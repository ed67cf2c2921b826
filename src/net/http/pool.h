// The connections of one client: idle ones by target, and dials under way. As in Go's transport, a call that waits for
// a dial takes whichever connection is there first, and a dial goes on when its call has given up: the connection is
// then kept for the next one.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/http/client.h"
#include "net/http/client_connection.h"
#include "net/url.h"

namespace gatepost::net::http {

// Where a request goes and by which way.
struct Route {
  std::string key;  // connections with the same key are interchangeable
  bool tls = false;
  std::string host, port;         // of the target
  std::optional<url::Url> proxy;  // the way there
  bool absolute_target = false;   // plain HTTP through a proxy: the request line names the whole URL
};

// The Proxy-Authorization field, whole line.
std::string proxy_authorization(const url::User& user);

class Pool : public std::enable_shared_from_this<Pool> {
 public:
  explicit Pool(std::shared_ptr<const ClientOptions> options) : options_(std::move(options)) {}

  // An idle connection, or a new one. When the deadline passes: "context deadline exceeded".
  Task<NetResult<std::shared_ptr<ClientConnection>>> get(Route route, SteadyTime deadline, CallTrace* trace);
  // Hands a connection that is done with its answer to a waiting call, or keeps it, or closes it.
  Task<void> give_back(std::shared_ptr<ClientConnection> connection);
  void close_idle();

 private:
  struct Want;
  struct Host {
    std::vector<std::shared_ptr<ClientConnection>> idle;
    std::deque<std::shared_ptr<Want>> wants;
  };
  static Task<void> dial_for(std::shared_ptr<Pool> self, Route route, std::shared_ptr<Want> want);
  Task<NetResult<std::shared_ptr<ClientConnection>>> dial(Route route, std::shared_ptr<Want> want);
  Task<NetResult<std::unique_ptr<ByteStream>>> dial_proxy(Route route, std::shared_ptr<Want> want);
  Task<NetResult<std::unique_ptr<ByteStream>>> shake_hands(std::unique_ptr<ByteStream> stream, std::string host,
                                                           std::shared_ptr<Want> want);
  void forget(ClientConnection* connection);

  std::shared_ptr<const ClientOptions> options_;
  std::unordered_map<std::string, Host> hosts_;
};

}  // namespace gatepost::net::http
