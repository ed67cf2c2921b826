// What the connections of a server share.
#pragma once

#include <unordered_set>

#include "net/http/date.h"
#include "net/http/server.h"

namespace gatepost::net::http {

class ServerConnection;

struct ServerShared {
  ServerOptions options;
  Handler handler;
  DateCache date;
  std::unordered_set<ServerConnection*> open;
  bool stopping = false;
};

}  // namespace gatepost::net::http
