// The way to a pod through the API server and the kubelet, for a look at the certificate that the pod serves.
#pragma once

#include <string>

#include "client/rest.h"
#include "net/http/client.h"

namespace gatepost::diagnose {

// `rest` outlives the dialer.
net::http::Dialer port_forward_dialer(client::Rest* rest, std::string ns, std::string pod, int port);

}  // namespace gatepost::diagnose
