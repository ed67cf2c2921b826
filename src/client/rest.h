// A REST client of one API server.
#pragma once

#include <memory>
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

class Rest {
 public:
  static Result<Rest> make(Connection connection);

  // `path` begins with "/api". Fails with one line when the server cannot be reached at all.
  net::Task<Result<Reply>> call(std::string method, std::string path, std::string body = "");
  const Connection& connection() const { return connection_; }

 private:
  Connection connection_;
  std::shared_ptr<net::http::Client> client_;
};

}  // namespace gatepost::client
