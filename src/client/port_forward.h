// A connection to a port of a pod through the API server and the kubelet, as a stream: the pods/portforward subresource
// over WebSocket (v4.channel.k8s.io: in each message the first byte is the channel; 0 holds data, 1 an error's text).
#pragma once

#include <memory>
#include <string>

#include "client/rest.h"
#include "net/stream.h"

namespace gatepost::client {

// The error tells why the API server refused: "403: pods "x" is forbidden: ...".
net::Task<net::NetResult<std::unique_ptr<net::ByteStream>>> port_forward(Rest* rest, std::string ns, std::string pod,
                                                                         int port, net::SteadyTime deadline);

}  // namespace gatepost::client
