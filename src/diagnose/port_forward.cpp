#include "diagnose/port_forward.h"

#include "client/port_forward.h"

namespace gatepost::diagnose {

net::http::Dialer port_forward_dialer(client::Rest* rest, std::string ns, std::string pod, int port) {
  return
      [rest, ns, pod, port](std::string, std::string,
                            net::SteadyTime deadline) -> net::Task<net::NetResult<std::unique_ptr<net::ByteStream>>> {
        return client::port_forward(rest, ns, pod, port, deadline);
      };
}

}  // namespace gatepost::diagnose
